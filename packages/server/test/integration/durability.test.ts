import { createMemoryLog } from '@holdfast/log';
import { createRedisLog } from '@holdfast/log/redis';
import { RedisServer } from '@holdfast/testkit/redis-harness';
import { RedisReplicas } from '@holdfast/testkit/redis-replicas';
import { expect, it, onTestFinished, vi } from 'vitest';
import {
  createHoldfast,
  type Durability,
  type HoldfastOptions,
  type Job,
} from '../../src/index.ts';
import { entriesIn } from '../support/entries-in.ts';
import { answer, gatedAgent, saying } from '../support/gated-agent.ts';
import { ReferenceWriter } from '../support/http-writer.ts';
import { startOwnServer } from '../support/own-server.ts';
import { userMessage } from '../support/server.ts';

const onReplica = { replicas: 1 } as const;

/** A server on a master with a replica, and a route of it whose sends ask for a durability. */
async function setUp(options: HoldfastOptions = {}) {
  const pair = await RedisReplicas.start();
  onTestFinished(() => pair[Symbol.asyncDispose]());
  const log = createRedisLog({ redis: pair.master.url, prefix: 'p' });
  onTestFinished(() => log.close());
  const gated = gatedAgent();
  const server = await startOwnServer({ log, agent: saying('plain'), ...options });
  const send = async (id: string, command: string, durability?: Durability) => {
    const message = userMessage(`m-${command}`, 'Hi');
    const body = JSON.stringify({ id, command, trigger: 'submit-message', message });
    const headers = { 'content-type': 'application/json' };
    const request = new Request(server.api, { method: 'POST', headers, body });
    const agent = options.dispatch ? undefined : gated.agent;
    const route = { agent, agentName: 'planner', path: [], durability };
    return await server.holdfast.handle(request, route);
  };
  const kinds = async (id: string) => (await entriesIn(log, id)).map(({ k }) => k);
  return { pair, log, gated, server, send, kinds };
}

it('HF-LOG-44: a run of a route that asks for a replica goes on when that has each entry, once', async () => {
  const { pair, log, gated, server, send, kinds } = await setUp();
  const sent = await send('s1', 'c1', onReplica);
  expect(sent.headers.get('x-holdfast-durability')).toBe('replicas=1');
  pair.replica.pause();
  gated.emit(...answer('Hi'));
  gated.end();
  await vi.waitFor(async () => expect(await kinds('s1')).toContain('chunks'));
  // Whoever asks for nothing is not held up.
  await server.send({ id: 's2', message: userMessage('m1', 'Hi') });
  await vi.waitFor(async () => expect(await kinds('s2')).toContain('run-end'));
  expect(await kinds('s1')).not.toContain('run-end');
  pair.replica.resume();
  await vi.waitFor(async () => expect(await kinds('s1')).toContain('run-end'), 20_000);
  const entries = await entriesIn(log, 's1');
  const chunks = entries.flatMap((each) => (each.k === 'chunks' ? each.c : []));
  expect(chunks.map(({ delta = '' }) => delta).join('')).toBe('Hi');
  expect(server.errors).toEqual([]);
}, 60_000);

it('HF-LOG-44: a send that no replica has is not acknowledged; its repetition is, and there is one run', async () => {
  const { pair, send, kinds } = await setUp();
  pair.replica.pause();
  const refused = await send('s1', 'c1', onReplica);
  expect([refused.status, await refused.json()]).toMatchObject([
    503,
    { error: { code: 'unavailable' } },
  ]);
  expect(await kinds('s1')).toEqual(['message', 'run-start']);
  pair.replica.resume();
  const sent = await vi.waitFor(async () => {
    const response = await send('s1', 'c1', onReplica);
    expect(response.status).toBe(200);
    return response;
  }, 20_000);
  expect(await sent.json()).toMatchObject({ state: 'running' });
  expect((await kinds('s1')).filter((kind) => kind === 'run-start')).toHaveLength(1);
}, 60_000);

it('HF-LOG-44: one that waits in the queue is not acknowledged either, also where its repetition finds it there', async () => {
  const { pair, send, kinds } = await setUp({ whileBusy: 'queue' });
  await send('s1', 'c1');
  pair.replica.pause();
  for (let at = 0; at < 2; at++) expect((await send('s1', 'c2', onReplica)).status).toBe(503);
  expect((await kinds('s1')).filter((kind) => kind === 'queue')).toHaveLength(1);
  pair.replica.resume();
  const sent = await vi.waitFor(async () => {
    const response = await send('s1', 'c2', onReplica);
    expect(response.status).toBe(200);
    return response;
  }, 20_000);
  expect(await sent.json()).toMatchObject({ state: 'queued' });
  expect((await kinds('s1')).filter((kind) => kind === 'queue')).toHaveLength(1);
}, 60_000);

it('HF-LOG-44: a send keeps what it asked for while it waits in the queue, and for whoever takes its run over', async () => {
  const { log, gated, send, kinds } = await setUp({ whileBusy: 'queue' });
  await send('s1', 'c1');
  expect(await (await send('s1', 'c2', onReplica)).json()).toMatchObject({ state: 'queued' });
  gated.emit(...answer('first'));
  gated.end();
  await vi.waitFor(async () =>
    expect((await kinds('s1')).filter((kind) => kind === 'run-start')).toHaveLength(2),
  );
  const [live] = (await log.head('s1'))?.runs ?? [];
  expect(JSON.parse(live?.info ?? '')).toMatchObject({ command: 'c2', durability: onReplica });
});

it('HF-LOG-44: a writer over HTTP is answered when its run’s entry is as durable as its send asked for', async () => {
  const jobs: Job[] = [];
  const { pair, server, send, kinds } = await setUp({
    writers: { authorize: ({ token }) => token === 'secret' },
    dispatch: { agents: ['planner'], add: async (job) => void jobs.push(job) },
  });
  await send('s1', 'c1', onReplica);
  const [job] = jobs;
  if (!job) throw new Error('no job');
  const writer = new ReferenceWriter({ api: server.api, session: 's1', job });
  onTestFinished(() => writer[Symbol.asyncDispose]());
  await writer.begin();
  pair.replica.pause();
  const told: string[] = [];
  const written = writer.write(...answer('Hi')).then(() => told.push('written'));
  await vi.waitFor(async () => expect(await kinds('s1')).toContain('chunks'));
  for (let look = 0; look < 5; look++) await kinds('s1');
  expect(told).toEqual([]);
  pair.replica.resume();
  await written;
  expect(await writer.end()).toBe('finished');
}, 60_000);

it('HF-LOG-45: what only Redis gives is refused without it, before anything is written', async () => {
  expect(() => createHoldfast({ durability: 'fsync' })).toThrow(
    /unable to promise a `durability`: .* the option `redis` is not given/,
  );
  const log = createMemoryLog();
  expect(() => createHoldfast({ log, durability: 'fsync' })).toThrow(/give a `log` its own/);
  const server = await startOwnServer({ log });
  const run = server.holdfast
    .session('s1')
    .run({ agent: 'planner', durability: 'fsync' }, saying('x'));
  await expect(run).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringMatching(/the durability fsync needs Redis/),
  });
  expect(await log.head('s1')).toBeNull();
});

it('HF-LOG-44: what is promised is told by `health` and with each send', async () => {
  const redis = await RedisServer.start({ appendfsync: 'always' });
  onTestFinished(() => redis[Symbol.asyncDispose]());
  const log = createRedisLog({ redis: redis.url, durability: 'fsync' });
  onTestFinished(() => log.close());
  const server = await startOwnServer({ log, agent: saying('Hi') });
  await server.holdfast.ready();
  const body = { id: 's1', command: 'c1', trigger: 'submit-message' };
  const sent = await server.post({ ...body, message: userMessage('m1', 'Hi') });
  expect(sent.headers.get('x-holdfast-durability')).toBe('fsync');
  expect((await server.holdfast.health()).log).toMatchObject({
    state: 'reachable',
    durability: 'fsync',
  });
  const plain = await startOwnServer({ agent: saying('Hi') });
  expect((await plain.holdfast.health()).log).toMatchObject({ durability: 'memory' });
});

it('HF-LOG-45: `createHoldfast` hands its `durability` to Redis, which refuses what it cannot give', async () => {
  const redis = await RedisServer.start();
  onTestFinished(() => redis[Symbol.asyncDispose]());
  const holdfast = createHoldfast({ redis: redis.url, durability: 'fsync' });
  onTestFinished(() => holdfast.close());
  await expect(holdfast.ready()).rejects.toThrow(/has no append-only file; set appendonly to yes/);
  // Another one of the same process does not share its promise.
  const other = createHoldfast({ redis: redis.url });
  onTestFinished(() => other.close());
  await expect(other.ready()).resolves.toBeUndefined();
  expect((await other.health()).log).toMatchObject({ durability: 'redis' });
});
