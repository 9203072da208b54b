import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { createRedisLog } from '@holdfast/log/redis';
import type { Entry } from '@holdfast/protocol';
import { forkSource } from '@holdfast/testkit/fork-source';
import type {} from '@holdfast/testkit/redis-global-setup';
import { expect, inject, it, onTestFinished, vi } from 'vitest';
import type { Agent, AgentContext, HoldfastOptions } from '../../src/index.ts';
import { entriesIn } from '../support/entries-in.ts';
import { answer } from '../support/gated-agent.ts';
import { uniquePrefix } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { type TestServer, userMessage } from '../support/server.ts';
import { allPages, join, textOf } from '../support/talk.ts';

const limits = { leaseMs: 1_000, graceMs: 100, pollMs: 100 };

/** Answers, and remembers what it was given. */
function answering() {
  const given: AgentContext[] = [];
  const steps: unknown[] = [];
  const charge = vi.fn(() => 'again');
  const agent: Agent = (context) => {
    given.push(context);
    return (async function* () {
      steps.push(await context.step('charge', charge));
      yield* answer('Hello, whole.');
    })();
  };
  return { agent, given, steps, charge };
}

async function serve(log: SessionLog, agent: Agent, options: HoldfastOptions = {}) {
  const server = await startOwnServer({ log, agent, onLost: 'retry', limits, ...options });
  server.holdfast.register(agent);
  return server;
}

const told = async (server: TestServer, id: string) =>
  (await allPages(server, id)).map((message) => `${message.role}: ${textOf(message)}`);

/** An agent in another process that has said the beginning of its answer, and a server here. */
async function working() {
  const prefix = uniquePrefix();
  const redis = inject('redisUrl');
  const child: ChildProcess = forkSource(new URL('../support/agent-process.ts', import.meta.url), [
    redis,
    prefix,
    String(limits.leaseMs),
    'retry',
  ]);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [{ api }] = (await once(child, 'message')) as [{ api: string }];
  const log = createRedisLog({ redis, prefix });
  onTestFinished(() => log.close());
  const { agent, given, steps, charge } = answering();
  const server = await serve(log, agent);
  const id = `s-${crypto.randomUUID()}`;
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: id });
  await client.next('live');
  await postJson(api, {
    id,
    command: 'hi',
    trigger: 'submit-message',
    message: userMessage('m', 'hi'),
    body: { kept: true },
  });
  await vi.waitFor(async () =>
    expect(await told(server, id)).toEqual(['user: hi', 'assistant: Hel']),
  );
  return { child, log, server, id, given, client, steps, charge };
}

it('HF-RUN-16, HF-RUN-17: a run whose process was killed is run again, once, in the place of what it wrote', async () => {
  const { child, log, server, id, given, client, steps, charge } = await working();
  // Another process that could do it as well.
  const other = answering();
  await serve(log, other.agent);
  child.kill('SIGKILL');
  const whole = ['user: hi', 'assistant: Hello, whole.'];
  await vi.waitFor(async () => expect(await told(server, id)).toEqual(whole), { timeout: 20_000 });
  expect(given.length + other.given.length).toBe(1);
  const [context] = [...given, ...other.given];
  expect(context).toMatchObject({
    messages: [{ id: 'm' }],
    body: { kept: true },
    participant: { id: 'user-1' },
    request: null,
  });
  // What the first attempt has done is not done again, and clients are not told what came of it.
  expect([...steps, ...other.steps]).toEqual([child.pid]);
  for (const each of [charge, other.charge]) expect(each).not.toHaveBeenCalled();
  await client.until((frame) => frame.t === 'entry' && frame.d.k === 'run-end');
  const shown = client.entries.map(({ d }) => d).filter(({ k }) => k === 'step');
  expect(shown).toEqual([
    { k: 'step', run: expect.any(String), name: 'charge', at: expect.any(Number) },
  ]);
  const starts = client.entries.filter(({ d }) => d.k === 'run-start').map(({ d }) => d);
  expect(starts).toMatchObject([{ attempt: 1 }, { attempt: 2 }]);
  expect(new Set(starts.map((start) => ('run' in start ? start.run : ''))).size).toBe(1);
}, 60_000);

it('HF-RUN-16: a process that was only paused is refused when it wakes, and its agent is stopped', async () => {
  const { child, log, server, id } = await working();
  child.kill('SIGSTOP');
  const whole = ['user: hi', 'assistant: Hello, whole.'];
  await vi.waitFor(async () => expect(await told(server, id)).toEqual(whole), { timeout: 20_000 });
  await vi.waitFor(async () =>
    expect((await entriesIn(log, id)).filter(({ k }) => k === 'run-end')).toHaveLength(1),
  );
  const before = await entriesIn(log, id);
  const aborted = new Promise<void>((resolve) => {
    child.on('message', (message) => {
      if ((message as { aborted?: string }).aborted !== undefined) resolve();
    });
  });
  child.kill('SIGCONT');
  await aborted;
  expect(await entriesIn(log, id)).toEqual(before);
  expect(await told(server, id)).toEqual(whole);
}, 60_000);

/** A run as a process leaves it that has died. */
async function lostRun(log: SessionLog, id: string, info: object = {}, how: object = {}) {
  const note = (entry: Entry) => ({ nonce: 7, body: JSON.stringify(entry) });
  const start = { run: 'r', attempt: 1, agent: 'agent', messageId: 'a1', command: 'c', at: 0 };
  const retry = { participant: { id: 'user-1' }, trigger: 'submit-message' };
  await log.send(id, {
    command: 'c',
    entries: [
      note({ k: 'message', message: userMessage('m', 'hi'), at: 0 }),
      note({ k: 'run-start', ...start }),
    ],
    run: {
      run: 'r',
      info: JSON.stringify({ messageId: 'a1', agent: 'agent', command: 'c', ...info }),
      kept: JSON.stringify(retry),
      leaseMs: 1,
      stopped: note({} as Entry),
      ...how,
    },
  });
}

const endsOf = async (log: SessionLog, id: string) =>
  (await entriesIn(log, id)).flatMap((entry) => (entry.k === 'run-end' ? [entry.outcome] : []));

it.each([
  ['the application wants none', { onLost: 'fail' as const }, {}],
  ['the application decides so', { onLost: () => 'fail' as const }, {}],
  ['its process kept nothing for it', {}, { kept: '' }],
])('HF-RUN-16: a run is not tried again where %s, and ends as lost', async (_, options, how) => {
  const log = createMemoryLog();
  const { agent, given } = answering();
  const server = await serve(log, agent, options);
  await lostRun(log, 's', {}, how);
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's' });
  await vi.waitFor(async () => expect(await endsOf(log, 's')).toEqual(['lost']));
  expect(given).toEqual([]);
});

it('HF-RUN-16: a run that was tried often enough ends as failed, with the reason, and keeps its words', async () => {
  const log = createMemoryLog();
  const { agent, given } = answering();
  await lostRun(log, 's');
  const chunks = { k: 'chunks', run: 'r', attempt: 1, c: answer('Half').slice(0, 4) };
  await log.append('s', {
    run: 'r',
    attempt: 1,
    seq: 1,
    entry: { nonce: 8, body: JSON.stringify(chunks) },
  });
  const server = await serve(log, agent, { maxAttempts: 1 });
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's' });
  await vi.waitFor(async () => expect(await endsOf(log, 's')).toEqual(['failed']));
  expect((await join(server, 's')).runs).toMatchObject([{ state: 'failed', reason: 'attempts' }]);
  expect(await told(server, 's')).toEqual(['user: hi', 'assistant: Ha']);
  expect(given).toEqual([]);
});

it.each(['retry', 'fail'] as const)(
  'HF-RUN-12, HF-RUN-16: a run that was asked to stop and lost is not tried again, and ends as stopped (%s)',
  async (onLost) => {
    const log = createMemoryLog();
    const { agent, given } = answering();
    await lostRun(log, 's');
    await log.cancel('s', {
      target: { run: 'r' },
      entry: () => ({ nonce: 9, body: '{"k":"cancel"}' }),
    });
    const server = await serve(log, agent, { onLost });
    const client = await server.greet();
    client.send({ t: 'sub', r: 1, s: 's' });
    await vi.waitFor(async () => expect(await endsOf(log, 's')).toEqual(['stopped']));
    expect((await join(server, 's')).runs).toMatchObject([{ state: 'stopped' }]);
    expect(given).toEqual([]);
  },
);

it('HF-RUN-16: a gateway without the agent leaves a run to who has it, and ends it when nobody comes', async () => {
  let ahead = 0;
  const log = createMemoryLog({ now: () => performance.now() + ahead });
  const gateway = await startOwnServer({
    log,
    onLost: 'retry',
    limits: { leaseMs: 200, pollMs: 50 },
  });
  await lostRun(log, 's', { agent: 'elsewhere' });
  const claim = vi.spyOn(log, 'claim');
  const client = await gateway.greet();
  client.send({ t: 'sub', r: 1, s: 's' });
  await vi.waitFor(() => expect(claim.mock.calls.length).toBeGreaterThan(3), { timeout: 20_000 });
  expect(await endsOf(log, 's')).toEqual([]);
  ahead += 60_000;
  await vi.waitFor(async () => expect(await endsOf(log, 's')).toEqual(['lost']), {
    timeout: 20_000,
  });
});

it('F4, HF-RUN-15: the runs of a process that died are all taken over by another one that has the agent, though gateways notice first', async () => {
  const log = createMemoryLog();
  const few = { leaseMs: 200, pollMs: 50 };
  const gateway = await startOwnServer({ log, agent: null, onLost: 'retry', limits: few });
  const { agent, given } = answering();
  await serve(log, agent, { limits: few });
  const ids = Array.from({ length: 60 }, (_, at) => `s${at}`);
  const client = await gateway.greet();
  for (const [at, id] of ids.entries()) {
    await lostRun(log, id);
    // As its process left it: nobody would look for it for long.
    await log.remind('runs', id, 600_000);
    client.send({ t: 'sub', r: at, s: id });
  }
  await vi.waitFor(() => expect(given).toHaveLength(ids.length), { timeout: 20_000 });
  for (const id of ids)
    await vi.waitFor(async () => expect(await endsOf(log, id)).toEqual(['finished']), {
      timeout: 20_000,
    });
  expect(new Set(given.map(({ sessionId }) => sessionId)).size).toBe(ids.length);
}, 60_000);

it('HF-RUN-16: a lost run of a session that nobody follows is found', async () => {
  const log = createMemoryLog();
  const { agent, given } = answering();
  await lostRun(log, 's');
  await log.remind('runs', 's', 0);
  await serve(log, agent);
  await vi.waitFor(() => expect(given).toHaveLength(1), { timeout: 20_000 });
  await vi.waitFor(async () => expect(await endsOf(log, 's')).toEqual(['finished']));
}, 60_000);

it('HF-RUN-17: a step is done once in a run, and once again in the next', async () => {
  const log = createMemoryLog();
  const made: unknown[] = [];
  let count = 0;
  const agent: Agent = ({ step }) =>
    (async function* () {
      for (let at = 0; at < 3; at++) made.push(await step('count', () => ++count));
      made.push(await step('nothing', () => undefined));
      yield* answer('done');
    })();
  const server = await serve(log, agent);
  for (const id of ['m1', 'm2']) {
    await server.send({ id: 's', message: userMessage(id, id) });
    await vi.waitFor(async () => expect((await log.head('s'))?.runs).toEqual([]));
  }
  expect(made).toEqual([1, 1, 1, null, 2, 2, 2, null]);
});

it('HF-RUN-17: a step that gives too much, or fails, is the agent’s error', async () => {
  const log = createMemoryLog();
  const errors: unknown[] = [];
  const agent: Agent = async ({ step }) => {
    await step('large', () => 'x'.repeat(100_000)).catch((error: unknown) => errors.push(error));
    await step('broken', () => Promise.reject(new Error('no'))).catch((error: unknown) =>
      errors.push(error),
    );
    errors.push(await step('broken', () => 'mended'));
    return (async function* () {})();
  };
  const server = await serve(log, agent);
  await server.send({ id: 's', message: userMessage('m', 'm') });
  await vi.waitFor(() => expect(errors).toHaveLength(3));
  expect(errors).toMatchObject([{ code: 'too_large' }, { message: 'no' }, {}]);
  expect(errors[2]).toBe('mended');
});
