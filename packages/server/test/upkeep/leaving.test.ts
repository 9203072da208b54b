import { createMemoryLog } from '@holdfast/log';
import { createRedisLog } from '@holdfast/log/redis';
import type {} from '@holdfast/testkit/redis-global-setup';
import { expect, inject, it, onTestFinished, vi } from 'vitest';
import { createHoldfast } from '../../src/index.ts';
import { forked } from '../support/forked.ts';
import { gatedAgent, saying } from '../support/gated-agent.ts';
import { uniquePrefix } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { startServer, userMessage } from '../support/server.ts';
import { allPages, join, textOf } from '../support/talk.ts';

/** Nobody who waits for a lease, or for a suspicion, sees the end of these tests. */
const limits = { leaseMs: 120_000, graceMs: 60_000 };
const patient = { timeout: 20_000 };

/** An agent in a process of its own that has begun to answer, and another process, this one, that has the agent. */
async function answering(onLost: 'fail' | 'retry', follows: boolean) {
  const [redis, prefix] = [inject('redisUrl'), uniquePrefix()];
  const { child, tells, send } = forked(
    'closing-process.ts',
    ...[redis, prefix, JSON.stringify(limits), onLost],
  );
  const { api } = (await tells('api')) as { api: string };
  const log = createRedisLog({ redis, prefix });
  const agent = saying('Hello, whole.');
  const server = await startServer({ log, agent, onLost, limits });
  onTestFinished(async () => {
    await server[Symbol.asyncDispose]();
    await log.close();
  });
  server.holdfast.register(agent);
  const id = `s-${crypto.randomUUID()}`;
  const said = async () => (await allPages(server, id)).map(textOf);
  if (follows) {
    const client = await server.greet();
    client.send({ t: 'sub', r: 1, s: id });
    await client.next('live');
  }
  await postJson(api, {
    id,
    command: 'hi',
    trigger: 'submit-message',
    message: userMessage('m', 'hi'),
  });
  await vi.waitFor(async () => expect(await said()).toEqual(['hi', 'Hel']), patient);
  const close = async () => {
    send('close');
    await tells('aborted');
    await tells('closed');
    child.kill('SIGKILL');
  };
  return { server, id, said, close };
}

it.each([
  ['somebody follows', true],
  ['nobody follows', false],
])(
  'HF-RUN-18: a run of a process that closes is taken over at once by another process: %s',
  async (_, follows) => {
    const { server, id, said, close } = await answering('retry', follows);
    await close();
    await vi.waitFor(async () => expect(await said()).toEqual(['hi', 'Hello, whole.']), patient);
    expect((await join(server, id)).runs).toMatchObject([{ state: 'finished', attempt: 2 }]);
  },
  60_000,
);

it('HF-RUN-18: where runs are not taken over it is lost at once, with what it has said', async () => {
  const { server, id, said, close } = await answering('fail', true);
  await close();
  await vi.waitFor(
    async () => expect((await join(server, id)).runs).toMatchObject([{ state: 'lost' }]),
    patient,
  );
  expect(await said()).toEqual(['hi', 'Hel']);
}, 60_000);

it('HF-RUN-18, HF-RUN-20: the run of an engine outlives a process that closes while it writes', async () => {
  const log = createMemoryLog();
  const server = await startOwnServer({ log, limits });
  const id = `s-${crypto.randomUUID()}`;
  const { agent, emit, end } = gatedAgent();
  const began = Promise.withResolvers<void>();
  const adopted = server.holdfast.session(id).adopt({ agent: 'a', command: 'one' }, async (run) => {
    const writing = run.write('part', agent);
    began.resolve();
    await writing;
  });
  await began.promise;
  emit({ type: 'start' });
  await server.holdfast.close({ runsMs: 0 });
  expect((await log.head(id))?.runs).toMatchObject([{ leased: true }]);
  end();
  await adopted.catch(() => {});
});

it('HF-RUN-18: a worker that closes begins no job', async () => {
  const holdfast = createHoldfast({ log: createMemoryLog(), authorize: () => ({ id: 'u' }) });
  holdfast.register(saying('Hello'));
  await holdfast.close();
  const job = { v: 1, session: 's', run: 'r', attempt: 1, agent: 'agent' };
  await expect(holdfast.work(job)).rejects.toMatchObject({ code: 'unavailable' });
});
