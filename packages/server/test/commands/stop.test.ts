import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { SessionLog } from '@holdfast/log';
import { createRedisLog } from '@holdfast/log/redis';
import type { Entry, SendResponse } from '@holdfast/protocol';
import { forkSource } from '@holdfast/testkit/fork-source';
import type {} from '@holdfast/testkit/redis-global-setup';
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import type { Agent } from '../../src/index.ts';
import { answer, gatedAgent, replying } from '../support/gated-agent.ts';
import { changed, deaf, stores, uniquePrefix } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { type TestServer, type TestServerOptions, userMessage } from '../support/server.ts';
import { allPages, say, textOf } from '../support/talk.ts';

async function serve(options: TestServerOptions): Promise<TestServer> {
  return await startOwnServer(options);
}

const note = (run: string) => ({ nonce: 7, body: JSON.stringify({ k: 'cancel', run, at: 0 }) });

async function stop(api: string, target: object, token = 'ann'): Promise<unknown> {
  const response = await fetch(`${api}/s/cancel`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(target),
  });
  const body = (await response.json()) as { state?: string; error?: { code: string } };
  return body.state ?? [response.status, body.error];
}

const stateOf = (server: TestServer, run: string) =>
  vi.waitFor(
    async () => {
      const { runs } = (await (await fetch(`${server.api}/s`)).json()) as {
        runs: { run: string; state: string }[];
      };
      const state = runs.find((info) => info.run === run)?.state;
      expect(state).not.toBe('running');
      return state;
    },
    { timeout: 20_000 },
  );

const texts = async (server: TestServer) => (await allPages(server, 's')).map(textOf);

const until = (condition: () => unknown) => vi.waitFor(() => expect(condition()).toBeTruthy());

async function kindsOf(log: SessionLog): Promise<readonly Entry['k'][]> {
  const read = await log.read('s', { after: null, limit: 1_000 });
  return read.kind === 'entries'
    ? read.entries.map(({ body }) => (JSON.parse(body) as Entry).k)
    : [];
}

const hello = (id = 'm1') => ({ id: 's', command: id, message: userMessage(id, id) });

describe.each(Object.entries(stores))('a stop, over %s', (_, store) => {
  it('HF-FRM-5: before the send arrives: the message is kept, its agent is not called, the next one is', async () => {
    const gated = gatedAgent();
    const server = await serve({ log: store()(), agent: gated.agent });
    expect(await stop(server.api, { command: 'm1' })).toBe('stopping');
    expect(await server.send(hello())).toMatchObject({ state: 'stopped' });
    expect(gated.calls).toHaveLength(0);
    gated.emit(...answer('Well.'));
    gated.end();
    await say(server, 's', 'm2');
    expect(await texts(server)).toEqual(['m1', 'm2', 'Well.']);
  });

  it('HF-RUN-4: between the start in the log and the agent: nobody hears it, and it stops all the same', async () => {
    const gated = gatedAgent();
    const log = store()();
    const early = changed(log, {
      send: async (session, command) => {
        const outcome = await log.send(session, command);
        if (command.run)
          await log.cancel(session, { target: { run: command.run.run }, entry: note });
        return outcome;
      },
    });
    // Long enough that neither an append nor a heartbeat tells.
    const server = await serve({ log: early, agent: gated.agent, limits: { leaseMs: 60_000 } });
    const { run } = await server.send(hello());
    expect(await stateOf(server, run)).toBe('stopped');
    // Whether its agent was called at all is a matter of time.
    expect(gated.calls.length).toBeLessThan(2);
    expect(gated.calls.map(({ signal }) => signal.aborted)).not.toContain(false);
    expect(await texts(server)).toEqual(['m1']);
  });

  it('F13, HF-FRM-4: two at once between tokens, by run and by command: both are answered, it ends once', async () => {
    const gated = gatedAgent();
    const logs = store();
    const log = logs();
    const answered = Promise.withResolvers<void>();
    const held = changed(log, {
      append: async (session, append) => {
        if (append.end) await answered.promise;
        return await log.append(session, append);
      },
    });
    const here = await serve({ log: held, agent: gated.agent });
    const there = await serve({ log: logs() });
    const { run } = await here.send(hello());
    gated.emit(...answer('Hello').slice(0, 5));
    await vi.waitFor(async () => expect(await texts(here)).toEqual(['m1', 'Hel']));
    const client = await there.greet();
    client.send({ t: 'cancel', r: 1, s: 's', run });
    const [state, { ok }] = await Promise.all([
      stop(here.api, { command: 'm1' }),
      client.next('res'),
    ]);
    expect([state, ok]).toEqual(['stopping', { state: 'stopping' }]);
    answered.resolve();
    expect(await stateOf(there, run)).toBe('stopped');
    expect(await stop(there.api, { run })).toBe('finished');
    const kinds = await kindsOf(log);
    expect(kinds.filter((kind) => kind === 'cancel')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'run-end')).toHaveLength(1);
    // What came is what the next agent is given.
    gated.emit(...answer('Well.'));
    gated.end();
    await say(here, 's', 'm2');
    expect(gated.calls[1]?.messages.map((message) => textOf(message as never))).toEqual([
      'm1',
      'Hel',
      'm2',
    ]);
  });

  it('HF-RUN-4: behind the last word, before the end: it ends as stopped, with every word', async () => {
    const log = store()();
    const held = Promise.withResolvers<void>();
    let appends = 0;
    const slow = changed(log, {
      append: async (session, append) => {
        if (++appends === 1) await held.promise;
        return await log.append(session, append);
      },
    });
    const server = await serve({ log: slow, agent: replying(...answer('Hello')) });
    const { run } = await server.send(hello());
    await until(() => appends === 1);
    expect(await stop(server.api, { run })).toBe('stopping');
    held.resolve();
    expect(await stateOf(server, run)).toBe('stopped');
    expect(await texts(server)).toEqual(['m1', 'Hello']);
  });

  it('HF-RUN-3: when the end is on its way already: it ends once, as finished, with every word', async () => {
    const log = store()();
    const held = Promise.withResolvers<void>();
    let ends = 0;
    const slow = changed(log, {
      append: async (session, append) => {
        if (append.end && ++ends === 1) await held.promise;
        return await log.append(session, append);
      },
    });
    const server = await serve({ log: slow, agent: replying(...answer('Hello')) });
    const { run } = await server.send(hello());
    await until(() => ends === 1);
    expect(await stop(server.api, { run })).toBe('stopping');
    held.resolve();
    expect(await stateOf(server, run)).toBe('finished');
    expect(await texts(server)).toEqual(['m1', 'Hello']);
    expect((await kindsOf(log)).filter((kind) => kind === 'run-end')).toHaveLength(1);
  });

  it('HF-FRM-4: after the end: it is told so, and never hits the run that is live now', async () => {
    const gated = gatedAgent();
    const server = await serve({ log: store()(), agent: gated.agent });
    gated.emit(...answer('one'));
    gated.end();
    const { run } = await server.send(hello('m1'));
    expect(await stateOf(server, run)).toBe('finished');
    const next = await server.send(hello('m2'));
    await until(() => gated.calls.length === 2);
    const late = [{ run }, { command: 'm1' }];
    expect(await Promise.all(late.map((target) => stop(server.api, target)))).toEqual([
      'finished',
      'finished',
    ]);
    gated.emit(...answer('two'));
    gated.end();
    expect(await stateOf(server, next.run)).toBe('finished');
    expect(await texts(server)).toEqual(['m1', 'one', 'm2', 'two']);
  });

  it('HF-FRM-6: by somebody who may not, or of what does not exist: refused alike, and it goes on', async () => {
    const gated = gatedAgent();
    const server = await serve({
      log: store()(),
      agent: gated.agent,
      authorize: ({ action, token }) =>
        action === 'cancel' && token === 'eve' ? null : { id: token ?? 'ann' },
    });
    const { run } = await server.send(hello());
    const refused = await stop(server.api, { run }, 'eve');
    expect(refused).toMatchObject([403, { code: 'forbidden' }]);
    expect(await stop(server.api, { run: 'none' })).toMatchObject([403, { code: 'forbidden' }]);
    const client = await server.greet('eve');
    client.send({ t: 'cancel', r: 1, s: 's', run });
    expect(await client.next('res')).toMatchObject({ err: { code: 'forbidden' } });
    gated.emit(...answer('Hello'));
    gated.end();
    expect(await stateOf(server, run)).toBe('finished');
    expect(await texts(server)).toEqual(['m1', 'Hello']);
  });

  it('HF-RUN-4: with Pub/Sub dead: the reply to the next append says it', async () => {
    const gated = gatedAgent();
    const logs = store();
    const limits = { leaseMs: 60_000, pollMs: 60_000 };
    const here = await serve({ log: deaf(logs()), agent: gated.agent, limits });
    const there = await serve({ log: logs() });
    const { run } = await here.send(hello());
    gated.emit(...answer('Hello').slice(0, 4));
    await vi.waitFor(async () => expect(await texts(there)).toEqual(['m1', 'He']));
    expect(await stop(there.api, { run })).toBe('stopping');
    gated.emit(...answer('Hello').slice(4, 5));
    expect(await stateOf(there, run)).toBe('stopped');
    expect(gated.calls[0]?.signal.aborted).toBe(true);
    expect(await texts(there)).toEqual(['m1', 'Hel']);
  });

  it('HF-RUN-4: with Pub/Sub dead, while the agent says nothing: the next heartbeat says it', async () => {
    const gated = gatedAgent();
    const logs = store();
    const limits = { leaseMs: 3_000, pollMs: 60_000 };
    const here = await serve({ log: deaf(logs()), agent: gated.agent, limits });
    const there = await serve({ log: logs() });
    const { run } = await here.send(hello());
    await until(() => gated.calls.length === 1);
    expect(await stop(there.api, { command: 'm1' })).toBe('stopping');
    expect(await stateOf(there, run)).toBe('stopped');
    expect(gated.calls[0]?.signal.aborted).toBe(true);
  });
});

it('HF-RUN-4: an agent that does not heed its signal does not hold the end of its run', async () => {
  const agent: Agent = () =>
    (async function* () {
      yield* answer('Hello').slice(0, 4);
      await new Promise(() => {});
    })();
  const server = await serve({ agent });
  const { run } = await server.send(hello());
  await vi.waitFor(async () => expect(await texts(server)).toEqual(['m1', 'He']));
  expect(await stop(server.api, { run })).toBe('stopping');
  expect(await stateOf(server, run)).toBe('stopped');
});

/** Messages of a child, from the first on. */
async function told(child: ChildProcess, name: string): Promise<string> {
  for (;;) {
    const [message] = (await once(child, 'message')) as [Record<string, string>];
    if (message[name] !== undefined) return message[name];
  }
}

it('HF-RUN-4: an agent in another process is stopped from here, and keeps what it wrote', async () => {
  const prefix = uniquePrefix();
  const redis = inject('redisUrl');
  const child = forkSource(new URL('../support/agent-process.ts', import.meta.url), [
    redis,
    prefix,
  ]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const api = await told(child, 'api');
  const server = await serve({ log: createRedisLog({ redis, prefix }) });
  const response = await postJson(api, { trigger: 'submit-message', ...hello() });
  const { run } = (await response.json()) as SendResponse;
  await vi.waitFor(async () => expect(await texts(server)).toEqual(['m1', 'Hel']));
  const aborted = told(child, 'aborted');
  expect(await stop(server.api, { run })).toBe('stopping');
  expect(await aborted).toContain('AbortError');
  expect(await stateOf(server, run)).toBe('stopped');
  expect(await texts(server)).toEqual(['m1', 'Hel']);
}, 60_000);
