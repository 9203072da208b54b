import { expect, it } from 'vitest';
import { startRun } from '../src/conformance/kit.ts';
import { createFeeds } from '../src/index.ts';
import { ManualTimers } from './support/manual-timers.ts';
import { redisFixture } from './support/redis-fixture.ts';

type Fixture = Awaited<ReturnType<typeof redisFixture>>;

/** How many scripts the server has run so far. */
async function scriptsOf({ admin }: Fixture): Promise<number> {
  const [, calls = '0'] =
    /cmdstat_evalsha:calls=(\d+)/.exec(await admin.info('commandstats')) ?? [];
  return Number(calls);
}

const sessions = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `session-${at}`);

it('where many sessions stand is one command for a hundred of them, and each is told its own', async () => {
  const fixture = await redisFixture();
  const { log } = fixture;
  const run = await startRun(log);
  const [alone, ...none] = await Promise.all([run.session, 'none'].map((each) => log.head(each)));
  const before = await scriptsOf(fixture);
  const heads = await Promise.all([run.session, ...sessions(198), run.session].map(log.head));
  expect((await scriptsOf(fixture)) - before).toBe(2);
  expect(none).toEqual([null]);
  const [first, last] = [heads[0], heads[199]];
  for (const head of [first, last]) expect(head?.top).toBe(alone?.top);
  expect(first?.runs).toMatchObject([{ run: 'r1', attempt: 1, leased: true }]);
  expect(new Set(heads.slice(1, 199))).toEqual(new Set([null]));
});

it('one that cannot be told fails alone', async () => {
  const fixture = await redisFixture();
  const { log, admin, keys } = fixture;
  const { session } = await startRun(log);
  await admin.set(keys.of('broken').meta, 'text');
  const answers = await Promise.allSettled([session, 'broken', 'none'].map(log.head));
  expect(answers).toMatchObject([
    { status: 'fulfilled', value: { runs: [{ run: 'r1' }] } },
    {
      status: 'rejected',
      reason: { code: 'internal', message: expect.stringContaining('WRONGTYPE') },
    },
    { status: 'fulfilled', value: null },
  ]);
});

it('a question without an answer fails for all, and is no reason to ask one by one', async () => {
  const fixture = await redisFixture();
  const { log, proxy } = fixture;
  const ask = () => Promise.allSettled(['a', 'b'].map(log.head));
  const statesOf = (outcomes: Awaited<ReturnType<typeof ask>>) =>
    outcomes.map(({ status }) => status);
  expect(statesOf(await ask())).toEqual(['fulfilled', 'fulfilled']);
  proxy.swallowNextReply((request) => request.includes('evalsha'));
  expect(statesOf(await ask())).toEqual(['rejected', 'rejected']);
  await expect.poll(() => log.head('a').catch(String), { timeout: 20_000 }).toBeNull();
  const before = await scriptsOf(fixture);
  expect(statesOf(await ask())).toEqual(['fulfilled', 'fulfilled']);
  expect((await scriptsOf(fixture)) - before).toBe(1);
});

it('HF-LOG-14: a round of polls asks once for a hundred sessions', async () => {
  const fixture = await redisFixture();
  const timers = new ManualTimers();
  let compared = 0;
  const feeds = createFeeds(fixture.log, { timers, limits: { pollMs: 5_000 } });
  for (const session of sessions(250)) {
    const { feed } = await feeds.acquire(session);
    feed.listen({
      entries: () => {},
      reset: () => {},
      deleted: () => {},
      signal: () => {},
      compared: () => compared++,
    });
  }
  const before = await scriptsOf(fixture);
  timers.advance(5_000);
  await expect.poll(() => compared).toBe(250);
  expect((await scriptsOf(fixture)) - before).toBe(3);
  await feeds.close();
});

it('leases of many runs are renewed by one command, each with an outcome of its own', async () => {
  const fixture = await redisFixture();
  const { log, admin, keys } = fixture;
  const lease = { run: 'r1', attempt: 1, leaseMs: 60_000 };
  const all = await Promise.all(Array.from({ length: 5 }, () => startRun(log)));
  const [kept, taken, over, broken, given] = all.map(({ session }) => session) as [
    string,
    string,
    string,
    string,
    string,
  ];
  await log.renew(taken, { ...lease, attempt: 2 });
  await all[2]?.append(1, { end: 'finished' });
  await admin.del(keys.of(broken).meta);
  await admin.set(keys.of(broken).meta, 'text');
  const before = await scriptsOf(fixture);
  const outcomes = await Promise.allSettled([
    log.renew(kept, lease),
    log.renew(taken, lease),
    log.renew(over, lease),
    log.renew(broken, lease),
    log.renew('none', lease),
    log.renew(given, { ...lease, leaseMs: 0 }),
    log.renew(taken, { ...lease, attempt: 3, if: { lapsed: true } }),
  ]);
  expect((await scriptsOf(fixture)) - before).toBe(1);
  const value = (kind: string, more = {}) => ({ status: 'fulfilled', value: { kind, ...more } });
  expect(outcomes).toMatchObject([
    value('held', { cancelled: false }),
    value('fenced'),
    value('closed'),
    {
      status: 'rejected',
      reason: { code: 'internal', message: expect.stringContaining('WRONGTYPE') },
    },
    value('unknown'),
    value('held', { cancelled: false }),
    value('refused', { why: 'leased' }),
  ]);
  expect((await log.head(kept))?.runs[0]?.leftMs).toBeGreaterThan(50_000);
  expect((await log.head(given))?.runs[0]?.leased).toBe(false);
});
