import { createRedisLog } from '@holdfast/log/redis';
import type { Entry, QueuedResponse, SendResponse } from '@holdfast/protocol';
import { FaultProxy } from '@holdfast/testkit/fault-proxy';
import type {} from '@holdfast/testkit/redis-global-setup';
import { expect, inject, it, vi } from 'vitest';
import { answer, gatedAgent, saying } from '../support/gated-agent.ts';
import { changed, stores, uniquePrefix } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { type TestServerOptions, userMessage } from '../support/server.ts';
import { allPages, textOf } from '../support/talk.ts';

async function serve(options: TestServerOptions) {
  return await startOwnServer(options);
}

const generous = { sendsPerMinute: 1e6, readsPerMinute: 1e6, sessionsPerHour: 1e6 };
const pairs = 1_000;
const atOnce = 40;

it('F10, HF-HTTP-13: a thousand commands, each to two processes at once, have one message and one run each, and both answers say so', async () => {
  const prefix = uniquePrefix();
  const log = () => createRedisLog({ redis: inject('redisUrl'), prefix });
  const limits = { ...generous, participantRuns: 1e4, sessionRuns: 1e4 };
  const options = { agent: saying('Yes'), limits };
  const one = await serve({ ...options, log: log() });
  const two = await serve({ ...options, log: log() });
  const numbers = Array.from({ length: pairs }, (_, at) => at);
  const runs = new Set<string>();
  const next = async () => {
    for (let at = numbers.pop(); at !== undefined; at = numbers.pop()) {
      const id = `s${at % 20}`;
      const send = { id, command: `c${at}`, message: userMessage(`m${at}`, 'Hi') };
      const [first, second] = await Promise.all([one.send(send), two.send(send)]);
      expect(second.run).toBe(first.run);
      runs.add(first.run);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, next));
  expect(runs.size).toBe(pairs);
  for (let at = 0; at < 20; at++) {
    const asked = (await allPages(two, `s${at}`)).filter(({ role }) => role === 'user');
    expect(asked).toHaveLength(pairs / 20);
    expect(new Set(asked.map(({ id }) => id)).size).toBe(pairs / 20);
  }
}, 120_000);

it('F10, HF-HTTP-13: a send whose answer the network swallows is the same when it is repeated', async () => {
  const server = await serve({ agent: saying('Yes'), limits: generous });
  await using network = await FaultProxy.start({ port: Number(new URL(server.origin).port) });
  const post = (command: string) =>
    postJson(`http://127.0.0.1:${network.port}/api/chat`, {
      id: 's',
      command,
      trigger: 'submit-message',
      message: userMessage(command, command),
    });
  for (const command of ['a', 'b', 'c', 'd']) {
    network.swallowNextReply((request) => request.includes(`"command":"${command}"`));
    await expect(post(command)).rejects.toThrow();
    expect((await post(command)).status).toBe(200);
  }
  const asked = (await allPages(server, 's')).filter(({ role }) => role === 'user').map(textOf);
  expect(asked).toEqual(['a', 'b', 'c', 'd']);
});

it.each(Object.entries(stores))(
  'F10, HF-HTTP-13, HF-HTTP-22: a send that another process queues in the same moment is queued, over %s',
  async (_, store) => {
    const logs = store();
    const gated = gatedAgent();
    const log = logs();
    const here = await serve({ log, agent: gated.agent, whileBusy: 'queue' });
    await here.send({ id: 's', message: userMessage('m1', 'one') });
    await vi.waitFor(() => expect(gated.calls).toHaveLength(1));
    const held = Promise.withResolvers<void>();
    const looked = vi.fn();
    const theirs = logs();
    // It has seen the session, and asks the log about the command when the other one has queued it.
    const slow = changed(theirs, {
      send: async (session, command) => {
        looked();
        await held.promise;
        return await theirs.send(session, command);
      },
    });
    const there = await serve({ log: slow, agent: gated.agent, whileBusy: 'queue' });
    const send = { id: 's', command: 'c2', message: userMessage('m2', 'two') };
    const late = there.send(send);
    await vi.waitFor(() => expect(looked).toHaveBeenCalled());
    const first = (await here.send(send)) as SendResponse | QueuedResponse;
    expect(first).toMatchObject({ state: 'queued', command: 'c2' });
    held.resolve();
    expect(await late).toMatchObject({ state: 'queued', command: 'c2' });
    gated.emit(...answer('One'));
    gated.end();
    await vi.waitFor(() => expect(gated.calls).toHaveLength(2));
    gated.emit(...answer('Two'));
    gated.end();
    const kinds = async () => {
      const read = await log.read('s', { after: null, limit: 100 });
      const entries = read.kind === 'entries' ? read.entries : [];
      return entries.map(({ body }) => (JSON.parse(body) as Entry).k);
    };
    await vi.waitFor(async () =>
      expect((await kinds()).filter((kind) => kind === 'run-end')).toHaveLength(2),
    );
    expect((await kinds()).filter((kind) => kind === 'message')).toHaveLength(2);
  },
);
