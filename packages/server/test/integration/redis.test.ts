import { createRedisLog } from '@holdfast/log/redis';
import { formatPosition } from '@holdfast/protocol';
import type {} from '@holdfast/testkit/redis-global-setup';
import { RedisServer } from '@holdfast/testkit/redis-harness';
import { expect, inject, it, vi } from 'vitest';
import { createHoldfast } from '../../src/index.ts';
import { answer, gatedAgent, replying } from '../support/gated-agent.ts';
import { startServer, type TestServer, userMessage } from '../support/server.ts';

let prefixes = 0;
const uniquePrefix = () => `test-server-${process.pid}-${++prefixes}`;

/** Two processes' worth of servers on one Redis: connections, feeds and hubs of their own. */
async function startPair(agent = gatedAgent().agent): Promise<[TestServer, TestServer]> {
  const prefix = uniquePrefix();
  const make = () => createRedisLog({ redis: inject('redisUrl'), prefix });
  return [await startServer({ log: make(), agent }), await startServer({ log: make(), agent })];
}

const textOf = (client: { entries: readonly { d: unknown }[] }) =>
  client.entries
    .flatMap(({ d }) => (d as { c?: { delta?: string }[] }).c ?? [])
    .map((chunk) => chunk.delta ?? '')
    .join('');

it('a client of another gateway follows a run live, and stops it', async () => {
  const gated = gatedAgent();
  const [agents, gateway] = await startPair(gated.agent);
  await using _one = agents;
  await using _two = gateway;
  const client = await gateway.greet();
  client.send({ t: 'sub', r: 1, s: 's1' });
  await client.next('live');
  const { run } = await agents.send({ id: 's1', message: userMessage('m1', 'Hi') });
  gated.emit(...answer('Hello').slice(0, 5));
  await vi.waitFor(() => expect(textOf(client)).toBe('Hel'));
  client.send({ t: 'cancel', r: 2, s: 's1', run });
  expect((await client.next('res')).ok).toEqual({ state: 'stopping' });
  expect(await client.entry('run-end')).toMatchObject({ d: { outcome: 'stopped' } });
  expect(gated.calls[0]?.signal.aborted).toBe(true);
});

it('a client goes on at another gateway from the same position when its own is gone', async () => {
  const gated = gatedAgent();
  const [agents, gateway] = await startPair(gated.agent);
  await using _one = agents;
  const first = await gateway.greet();
  first.send({ t: 'sub', r: 1, s: 's1' });
  const { epoch: unborn } = await first.next('subbed');
  expect(unborn).toBe('');
  const { position } = await agents.send({ id: 's1', message: userMessage('m1', 'Hi') });
  gated.emit(...answer('Hello').slice(0, 5));
  await vi.waitFor(() => expect(textOf(first)).toBe('Hel'));
  const at = first.entries.at(-1)?.i ?? '';
  await gateway[Symbol.asyncDispose]();
  gated.emit(...answer('Hello').slice(5));
  gated.end();
  const second = await agents.greet();
  const pos = formatPosition({ epoch: position.split(':')[0] ?? '', id: at });
  second.send({ t: 'sub', r: 1, s: 's1', pos });
  expect(await second.next('subbed')).toMatchObject({ mode: 'replay', recovered: true });
  await second.entry('run-end');
  expect(textOf(first) + textOf(second)).toBe('Hello');
});

it('HF-HTTP-13: one command sent to two processes at once makes one message and one run', async () => {
  const gated = gatedAgent();
  const pair = await startPair(gated.agent);
  await using _one = pair[0];
  await using _two = pair[1];
  const request = { id: 's1', command: 'm1', message: userMessage('m1', 'Hi') };
  const sent = await Promise.all(
    Array.from({ length: 20 }, (_, n) => (pair[n % 2] as TestServer).send(request)),
  );
  expect(new Set(sent.map(({ run }) => run)).size).toBe(1);
  await vi.waitFor(() => expect(gated.calls).toHaveLength(1));
  gated.end();
});

it('says at start, and to clients, that Redis is away, and what to do', async () => {
  const holdfast = createHoldfast({
    redis: 'redis://user:hunter2@127.0.0.1:1',
    authorize: () => ({ id: 'ann' }),
    onError: () => {},
  });
  const refused = await holdfast.ready().catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'unavailable' });
  expect(String(refused)).toMatch(/127\.0\.0\.1:1/);
  expect(String(refused)).not.toContain('hunter2');
  const response = await holdfast.handle(
    new Request('http://localhost/api/chat', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: 's1', command: 'c', trigger: 'submit-message' }),
    }),
    { agent: replying(), path: [] },
  );
  expect(response.status).toBe(503);
  const text = await response.text();
  expect(text).toContain('"code":"unavailable"');
  expect(text).not.toContain('hunter2');
  await holdfast.close();
});

it('a Redis that is killed and comes back in mid-answer loses nothing of it', async () => {
  const redis = await RedisServer.start({ appendfsync: 'always' });
  await using _redis = redis;
  const gated = gatedAgent();
  await using server = await startServer({
    log: createRedisLog({ redis: redis.url, prefix: uniquePrefix() }),
    agent: gated.agent,
  });
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's1' });
  await client.next('live');
  await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  gated.emit(...answer('Hello').slice(0, 5));
  await vi.waitFor(() => expect(textOf(client)).toBe('Hel'));
  await redis.kill();
  gated.emit(...answer('Hello').slice(5));
  gated.end();
  await redis.start();
  await vi.waitFor(() => expect(textOf(client)).toBe('Hello'), { timeout: 20_000 });
  await client.entry('run-end');
  expect(client.frames.filter((frame) => frame.t === 'reset')).toEqual([]);
}, 60_000);

it('HF-PRES-3: behind a Redis that was away, those of another gateway are seen who were there before', async () => {
  await using redis = await RedisServer.start();
  const prefix = uniquePrefix();
  const make = async (id: string): Promise<TestServer> =>
    await startServer({
      log: createRedisLog({ redis: redis.url, prefix }),
      authorize: () => ({ id, role: 'user' }),
      limits: { presenceMs: 1_000, awayMs: 4_000 },
    });
  await using one = await make('ada');
  await using two = await make('bob');
  const [ada, bob] = [await one.greet(), await two.greet()];
  for (const client of [ada, bob]) {
    client.send({ t: 'sub', r: 1, s: 's1' });
    await client.next('live');
  }
  const seen = () => bob.frames.findLast((frame) => frame.t === 'presence')?.who;
  ada.send({ t: 'presence', s: 's1', state: 'here' });
  await vi.waitFor(() => expect(seen()).toMatchObject([{ id: 'ada', state: 'here' }]));
  await redis.kill();
  // Long enough for each to think that nobody else is there.
  await vi.waitFor(() => expect(seen()).toEqual([]), { timeout: 20_000 });
  await redis.start();
  await vi.waitFor(() => expect(seen()).toHaveLength(1), { timeout: 20_000 });
}, 60_000);
