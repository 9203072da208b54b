import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { createRedisLog } from '@holdfast/log/redis';
import { FaultProxy } from '@holdfast/testkit/fault-proxy';
import { RedisServer } from '@holdfast/testkit/redis-harness';
import { expect, it, type TestContext, vi } from 'vitest';
import { entriesIn } from '../support/entries-in.ts';
import { answer, gatedAgent } from '../support/gated-agent.ts';
import { uniquePrefix } from '../support/logs.ts';
import { startServer, userMessage } from '../support/server.ts';

// A grace that is shorter than any way back.
const limits = { leaseMs: 1_000, graceMs: 300, pollMs: 200 };

const endsOf = async (log: SessionLog, id: string) =>
  (await entriesIn(log, id)).flatMap((entry) => (entry.k === 'run-end' ? [entry.outcome] : []));

/** A Redis behind a proxy, a process that runs agents there, and a gateway that has none. */
async function setUp(count: number, { onTestFinished }: Pick<TestContext, 'onTestFinished'>) {
  const redis = await RedisServer.start({ appendfsync: 'always' });
  onTestFinished(() => redis[Symbol.asyncDispose]());
  const prefix = uniquePrefix();
  const start = async (agent: ReturnType<typeof gatedAgent>['agent'] | null) => {
    const proxy = await FaultProxy.start({ port: redis.port });
    onTestFinished(() => proxy[Symbol.asyncDispose]());
    const url = `redis://127.0.0.1:${proxy.port}`;
    const log = createRedisLog({ redis: url, prefix, onWarning: () => {} });
    const server = await startServer({ log, agent, limits });
    onTestFinished(async () => {
      await server[Symbol.asyncDispose]();
      await log.close();
    });
    return { server, log, proxy };
  };
  const gated = Array.from({ length: count }, () => gatedAgent());
  let begun = 0;
  const { server, proxy } = await start((context) => {
    const next = gated[begun++];
    if (!next) throw new Error('one run too many');
    return next.agent(context);
  });
  const gateway = await start(null);
  const ids = gated.map((_, at) => `s${at}`);
  for (const [at, id] of ids.entries()) {
    const client = await gateway.server.greet();
    client.send({ t: 'sub', r: 1, s: id });
    await client.next('live');
    await server.send({ id, message: userMessage(`m${at}`, 'Hi') });
    await vi.waitFor(() => expect(gated[at]?.calls).toHaveLength(1));
    gated[at]?.emit(...answer('Hello').slice(0, 5));
  }
  return { redis, gated, ids, log: gateway.log, proxy, proxies: [gateway.proxy, proxy] };
}

const away = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

type Fault = (its: Awaited<ReturnType<typeof setUp>>) => Promise<void>;
/** When a process that was cut off may take runs for lost again. */
const returnMs = 7_000;
/** More than the lease, for as short as a lease is here. */
const awayMs = 3_000;
const faults: readonly (readonly [string, Fault])[] = [
  [
    'refused',
    async ({ proxies }) => {
      for (const proxy of proxies) await proxy.refuse();
      await away(awayMs);
      for (const proxy of proxies) await proxy.pass();
    },
  ],
  [
    'cut off without a word',
    async ({ proxies }) => {
      for (const proxy of proxies) proxy.blackhole();
      await away(awayMs);
      for (const proxy of proxies) await proxy.pass();
    },
  ],
  [
    'paused',
    async ({ redis }) => {
      redis.pause();
      await away(awayMs);
      redis.resume();
    },
  ],
  [
    'restarted',
    async ({ redis }) => {
      await redis.kill();
      await away(awayMs);
      await redis.start();
    },
  ],
  [
    'restarted three times in a row',
    async ({ redis }) => {
      for (let times = 0; times < 3; times++) {
        await redis.kill();
        await away(1_100);
        await redis.start();
        await away(100);
      }
    },
  ],
  [
    'away, there for a moment, and away again',
    async ({ proxies }) => {
      for (let times = 0; times < 2; times++) {
        for (const proxy of proxies) await proxy.refuse();
        await away(awayMs);
        for (const proxy of proxies) await proxy.pass();
        await away(1_000);
      }
    },
  ],
  [
    'killed, and reached last by the process with the agents',
    async ({ redis, proxy }) => {
      await redis.kill();
      await proxy.refuse();
      await away(awayMs);
      await redis.start();
      await away(2_000);
      await proxy.pass();
    },
  ],
];

it.concurrent.for(faults)(
  'F5, F8, HF-RUN-13: a Redis that is %s for longer than a lease ends no run of a living agent, quiet or not',
  { timeout: 120_000 },
  async ([, fault], { onTestFinished, expect }) => {
    const its = await setUp(4, { onTestFinished });
    const { gated, ids, log } = its;
    await fault(its);
    // Whoever looks has had time to find a run lost; some agents say nothing all the while.
    const talking = setInterval(() => {
      for (const { emit } of gated.slice(2)) emit({ type: 'text-delta', id: 't', delta: '.' });
    }, 100);
    await vi.waitFor(() => log.head(ids[0] ?? ''), { timeout: 20_000 });
    await away(returnMs + 2 * limits.pollMs);
    clearInterval(talking);
    for (const { calls } of gated) expect(calls[0]?.signal.aborted).toBe(false);
    for (const { emit, end } of gated) {
      emit(...answer('Hello').slice(5));
      end();
    }
    for (const id of ids)
      await vi.waitFor(async () => expect(await endsOf(log, id)).toEqual(['finished']), {
        timeout: 20_000,
      });
  },
);

it('HF-RUN-13: a process with its log in memory that stands still for longer than a lease does not lose its own runs', async () => {
  let ahead = 0;
  const log = createMemoryLog({ now: () => performance.now() + ahead });
  const gated = gatedAgent();
  const quick = { leaseMs: 300, graceMs: 50, pollMs: 20 };
  await using server = await startServer({ log, agent: gated.agent, limits: quick });
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's1' });
  await client.next('live');
  await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  gated.emit(...answer('Hello').slice(0, 5));
  const look = vi.spyOn(log, 'head');
  for (let round = 0; round < 5; round++) {
    // The log's clock goes on, and no timer of the process has had its turn.
    ahead += 17_000;
    const { length } = look.mock.calls;
    await vi.waitFor(() => expect(look.mock.calls.length).toBeGreaterThan(length + 5));
  }
  expect(gated.calls[0]?.signal.aborted).toBe(false);
  gated.emit(...answer('Hello').slice(5));
  gated.end();
  await client.entry('run-end');
  expect(await endsOf(log, 's1')).toEqual(['finished']);
});

it('F4, HF-RUN-12, HF-RUN-13: a run of a process that died is still lost, soon', async () => {
  const log = createMemoryLog();
  const start = { k: 'run-start', run: 'r', attempt: 1, agent: 'a', messageId: 'a1', command: 'c' };
  const note = (entry: object, nonce: number) => ({ nonce, body: JSON.stringify(entry) });
  await log.send('s1', {
    command: 'c',
    entries: [note({ ...start, at: 0 }, 1)],
    run: { run: 'r', info: '{}', leaseMs: 1, stopped: note({ k: 'run-end' }, 2) },
  });
  await using server = await startServer({ log, limits: { graceMs: 300, pollMs: 60_000 } });
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's1' });
  expect(await client.entry('run-end')).toMatchObject({ d: { outcome: 'lost' } });
});
