import { RedisServer } from '@holdfast/testkit/redis-harness';
import { Redis } from 'ioredis';
import { expect, it, onTestFinished, vi } from 'vitest';
import { bodiesOf, startRun } from '../src/conformance/kit.ts';
import { redisFixture } from './support/redis-fixture.ts';
import { redisUnderTest } from './support/redis-under-test.ts';

type Run = Awaited<ReturnType<typeof startRun>>;

const several = async (count: number, start: () => Promise<Run>): Promise<readonly Run[]> =>
  await Promise.all(Array.from({ length: count }, start));

/** How many scripts the server has run so far. */
async function scriptsOf(admin: Redis): Promise<number> {
  const [, calls = '0'] =
    /cmdstat_evalsha:calls=(\d+)/.exec(await admin.info('commandstats')) ?? [];
  return Number(calls);
}

it('appends of one tick to several sessions are one command, and each has its own outcome', async () => {
  const { log, admin } = await redisFixture();
  const runs = await several(4, () => startRun(log));
  const [one, two, three, four] = runs as [Run, Run, Run, Run];
  await log.renew(three.session, { run: 'r1', attempt: 2, leaseMs: 1_000 });
  // The script is known from now on.
  await one.append(1);
  const before = await scriptsOf(admin);
  const outcomes = await Promise.all([
    one.append(2),
    two.append(5),
    three.append(1),
    four.append(1, { end: 'finished' }),
    one.append(2),
    one.append(3),
  ]);
  expect(outcomes).toEqual([
    { kind: 'appended', cancelled: false },
    { kind: 'gap', expected: 1 },
    { kind: 'fenced' },
    { kind: 'appended', cancelled: false },
    { kind: 'duplicate', cancelled: false },
    { kind: 'appended', cancelled: false },
  ]);
  expect((await scriptsOf(admin)) - before).toBe(1);
  expect((await log.run(four.session, 'r1'))?.state).toBe('finished');
});

it('no command has more appends than the server may be held up by', async () => {
  const { log, admin } = await redisFixture();
  const runs = await several(130, () => startRun(log));
  const [first] = runs;
  await first?.append(1);
  const before = await scriptsOf(admin);
  const outcomes = await Promise.all(runs.slice(1).map(({ append }) => append(1)));
  expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['appended']));
  expect((await scriptsOf(admin)) - before).toBe(3);
});

it('HF-LOG-23: appends behind one that has just renewed the lease leave it as it is, and later ones do not', async () => {
  const { log, admin, keys } = await redisFixture();
  const { session, append } = await startRun(log, { leaseMs: 60_000 });
  const lease = `${keys.of(session).leases}r1`;
  const callsOf = async (command: string) => {
    const [, calls = '0'] =
      new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(await admin.info('commandstats')) ?? [];
    return Number(calls);
  };
  let seq = 0;
  await append(++seq);
  const before = await callsOf('pexpire');
  while (seq < 30) await append(++seq);
  // One is sent in less than a millisecond; a machine that stands still in between has a few renewed.
  expect((await callsOf('pexpire')) - before).toBeLessThan(20);
  await admin.del(lease);
  const isLeased = async () => {
    await append(++seq);
    return await admin.exists(lease);
  };
  await expect.poll(isLeased, { timeout: 20_000 }).toBe(1);
});

it('HF-LOG-23: an append that ends a suspicion, or is of another attempt, renews the lease at once', async () => {
  const { log, admin, keys } = await redisFixture();
  const { session, append } = await startRun(log, { leaseMs: 60_000 });
  const lease = `${keys.of(session).leases}r1`;
  const leavesLease = async (act: () => Promise<unknown>) => {
    await admin.del(lease);
    await act();
    return await admin.exists(lease);
  };
  await append(1);
  await append(2);
  await admin.del(lease);
  await log.suspect(session, { run: 'r1', attempt: 1, graceMs: 60_000 });
  expect(await leavesLease(() => append(3))).toBe(1);
  expect(await leavesLease(() => append(0, { attempt: 2 }))).toBe(1);
});

it('HF-LOG-23: each append renews a lease that is short', async () => {
  const { log, admin, keys } = await redisFixture();
  const { session, append } = await startRun(log, { leaseMs: 60_000 });
  await append(1);
  await append(2);
  await log.renew(session, { run: 'r1', attempt: 1, leaseMs: 3_199 });
  const lease = `${keys.of(session).leases}r1`;
  for (const seq of [3, 4, 5]) {
    await admin.del(lease);
    await append(seq);
    expect(await admin.exists(lease)).toBe(1);
  }
});

it('an append that fails fails alone', async () => {
  const { log, admin, keys } = await redisFixture();
  const [one, two, three] = (await several(3, () => startRun(log))) as [Run, Run, Run];
  await admin.set(keys.of(two.session).log, 'text');
  const outcomes = await Promise.allSettled([one, two, three].map(({ append }) => append(1)));
  const appended = { status: 'fulfilled', value: { kind: 'appended', cancelled: false } };
  const reason = { code: 'internal', message: expect.stringContaining('WRONGTYPE') };
  expect(outcomes).toMatchObject([appended, { status: 'rejected', reason }, appended]);
});

it('appends without an answer are unknown, and no reason to write one by one', async () => {
  const { log, admin, proxy } = await redisFixture();
  const runs = await several(2, () => startRun(log));
  const write = (seq: number) => Promise.allSettled(runs.map(({ append }) => append(seq)));
  await write(1);
  proxy.swallowNextReply((request) => request.includes('evalsha'));
  const unknown = { status: 'rejected', reason: { code: 'unavailable' } };
  expect(await write(2)).toMatchObject([unknown, unknown]);
  await expect.poll(() => log.head('s').catch(String), { timeout: 20_000 }).toBeNull();
  const before = await scriptsOf(admin);
  const known = { status: 'fulfilled', value: { kind: 'duplicate' } };
  expect(await write(2)).toMatchObject([known, known]);
  expect((await scriptsOf(admin)) - before).toBe(1);
});

it('what cannot be one command goes one by one: a node of a cluster behind a single address', async () => {
  const server = await RedisServer.start({ args: ['--cluster-enabled', 'yes'] });
  const admin = new Redis(server.url);
  const { log, cleanup } = redisUnderTest(server.url, admin);
  onTestFinished(async () => {
    await cleanup?.();
    admin.disconnect();
    await server[Symbol.asyncDispose]();
  });
  await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  await vi.waitFor(
    async () => expect(await admin.call('CLUSTER', 'INFO')).toContain('cluster_state:ok'),
    { timeout: 20_000 },
  );
  // Two are what cannot be one command already.
  expect(await Promise.all(['a', 'b'].map(log.head))).toEqual([null, null]);
  const runs = await several(2, () => startRun(log));
  for (const seq of [1, 2]) {
    const outcomes = await Promise.all(runs.map(({ append }) => append(seq)));
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['appended']));
  }
  for (const { session } of runs) expect(await bodiesOf(log, session)).toHaveLength(4);
});
