import { expect, it, vi } from 'vitest';
import {
  bodiesOf,
  entry,
  headOf,
  longMs,
  newSession,
  readAll,
  sendOf,
  startRun,
} from '../src/conformance/kit.ts';
import { opened, store } from '../src/conformance/messages.ts';
import type { AppendOutcome } from '../src/index.ts';
import { teller } from './support/feed-fixture.ts';
import { patient, unavailable, untilKnown } from './support/outages.ts';
import { redisFixture } from './support/redis-fixture.ts';

it('HF-LOG-4: connections that are cut at any byte lose nothing and double nothing', async () => {
  const { proxy, log } = await redisFixture();
  const { session, append } = await startRun(log);
  const outcomes: AppendOutcome['kind'][] = [];
  for (let seq = 1; seq <= 120; seq++) {
    if (seq % 3 === 0) proxy.cutAfter(seq);
    const written = entry(`chunk ${seq}`);
    outcomes.push((await untilKnown(() => append(seq, { entry: written }))).kind);
    if (seq % 3 === 0) await proxy.pass();
  }
  expect(new Set(outcomes)).toEqual(new Set(['appended', 'duplicate']));
  const numbered = Array.from({ length: 120 }, (_, at) => `chunk ${at + 1}`);
  await vi.waitFor(
    async () => expect((await bodiesOf(log, session)).slice(2)).toEqual(numbered),
    patient,
  );
}, 60_000);

it('F20, HF-LOG-14: when Redis drops subscribers again and again, a feed delivers all in order', async () => {
  const { log, admin, feeds } = await redisFixture();
  const { session, append } = await startRun(log);
  const { feed } = await feeds().acquire(session);
  const told: string[] = [];
  feed.listen(teller(told));
  const numbered = Array.from({ length: 2_000 }, (_, at) => `chunk ${at + 1}`);
  for (let seq = 1; seq <= 2_000; seq++) {
    await append(seq);
    if (seq % 400 === 200) await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  }
  await vi.waitFor(() => expect(told).toHaveLength(2_000), patient);
  expect(told).toEqual(numbered);
}, 60_000);

it('HF-LOG-14: subscribers are told of a gap once they are subscribed again', async () => {
  const { log, admin, keys } = await redisFixture();
  const { session } = await startRun(log);
  const kinds: string[][] = [[], []];
  for (const list of kinds) await log.subscribe(session, ({ kind }) => list.push(kind));
  await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await vi.waitFor(() => expect(kinds).toEqual([['gap'], ['gap']]), patient);
  const { channel } = keys.of(session);
  expect(await admin.pubsub('NUMSUB', channel)).toEqual([channel, 1]);
});

it('F6, HF-SUB-7: when Redis loses everything, followers are reset and the run is unknown', async () => {
  const { log, admin, feeds } = await redisFixture();
  const { session, append } = await startRun(log);
  const { feed } = await feeds().acquire(session);
  const told: string[] = [];
  feed.listen(teller(told));
  await append(1);
  await vi.waitFor(() => expect(told).toEqual(['chunk 1']));
  await admin.flushall();
  expect(await append(2)).toEqual({ kind: 'unknown' });
  await vi.waitFor(() => expect(told.slice(1)).toEqual(['reset epoch']));
  await log.send(session, sendOf('c1', 'r1'));
  expect(await append(1)).toMatchObject({ kind: 'appended' });
  const after = ['reset epoch', 'message of c1', 'start of r1', 'chunk 1'];
  await vi.waitFor(() => expect(told.slice(1)).toEqual(after));
});

it('T5: a writer whose tail was lost mends the log, and followers are reset', async () => {
  const { log, snapshot, feeds } = await redisFixture();
  const { session, append, epoch } = await startRun(log);
  const { feed } = await feeds().acquire(session);
  const told: string[] = [];
  feed.listen(teller(told));
  for (let seq = 1; seq <= 4; seq++) await append(seq);
  const restore = await snapshot(session);
  for (let seq = 5; seq <= 6; seq++) await append(seq);
  await vi.waitFor(() => expect(told).toHaveLength(6));
  const { id } = feed.position;
  await restore();
  expect(await append(7)).toEqual({ kind: 'gap', expected: 5 });
  expect(await log.read(session, { after: { epoch, id }, limit: 1 })).toMatchObject({
    why: 'ahead',
  });
  for (let seq = 5; seq <= 7; seq++) expect(await append(seq)).toMatchObject({ kind: 'appended' });
  expect(await log.read(session, { after: { epoch, id }, limit: 1 })).toMatchObject({
    why: 'diverged',
  });
  await vi.waitFor(() => expect(told[6]).toMatch(/^reset (ahead|diverged)$/));
  await append(8);
  await vi.waitFor(() => expect(told.at(-1)).toBe('chunk 8'));
});

it.each([
  ['keeps what it acknowledged', 'always'],
  ['loses at most its last second, which writers that live send again', 'everysec'],
] as const)(
  'F5, HF-LOG-4: Redis killed while writers write %s (appendfsync %s)',
  async (_, appendfsync) => {
    const { server, log, feeds } = await redisFixture({ appendfsync });
    const { session } = await startRun(log);
    const { feed } = await feeds().acquire(session);
    const told: string[] = [];
    feed.listen(teller(told));
    const runs = ['w1', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7', 'w8'];
    for (const run of runs) await log.send(session, sendOf(run, run, { entries: [entry(run)] }));
    let killed = false;
    const writers = runs.map(async (run) => {
      const sent = [entry(run)];
      for (let seq = 1, after = 0; after < 10; seq++) {
        if (killed) after += 1;
        const written = sent[seq] ?? entry(`${run} ${seq}`);
        sent[seq] = written;
        const append = { run, attempt: 1, seq, entry: written };
        const outcome = await untilKnown(() => log.append(session, append));
        // While a slow disk syncs, `everysec` holds back what was acknowledged: writers send it again.
        if (outcome.kind === 'gap' && appendfsync === 'everysec') seq = outcome.expected - 1;
        else expect(outcome.kind).toMatch(/appended|duplicate/);
      }
    });
    await vi.waitFor(() => expect(told.length).toBeGreaterThan(200), patient);
    await server.kill();
    killed = true;
    await server.start();
    await Promise.all(writers);
    const all = await readAll(log, session);
    for (const run of runs) {
      const own = all.map(({ body }) => body).filter((body) => body.startsWith(`${run} `));
      expect(own).toEqual(own.map((_, at) => `${run} ${at + 1}`));
    }
    const bodies = all.slice(2).map(({ body }) => body);
    await vi.waitFor(() => {
      const since = told.slice(told.findLastIndex((each) => each.startsWith('reset')) + 1);
      expect(since).toEqual(bodies.slice(bodies.length - since.length));
      expect(since.at(-1)).toBe(bodies.at(-1));
      if (appendfsync === 'always') expect(since).toEqual(bodies);
    }, patient);
  },
  60_000,
);

it('HF-LOG-18: Redis killed while sessions are stored keeps each of them whole', async () => {
  const { server, log } = await redisFixture({ appendfsync: 'always' });
  const { session, append } = await startRun(log);
  let killed = false;
  const writing = (async () => {
    for (let at = 1, after = 0; after < 10; at++) {
      if (killed) after += 1;
      const written = entry(`n ${at}`);
      await untilKnown(() => append(at, { entry: written }));
      const { checkpoint, top } = await untilKnown(() => opened(log, session, 1));
      const changes = [{ at: at - 1, key: `n${at}`, body: `n ${at}` }];
      const more = { count: at, from: checkpoint, through: top, trim: checkpoint };
      // Stale is what was done before the reply was lost.
      const storing = untilKnown(() => store(log, session, changes, more));
      expect(await storing).toMatch(/^(done|stale)$/);
    }
    return await opened(log, session, 1);
  })();
  const numbers = async (): Promise<readonly number[]> => {
    const { items, entries } = await untilKnown(() => opened(log, session, 500));
    const bodies = [...items, ...entries.map(({ body }) => body)];
    return bodies.filter((body) => body.startsWith('n ')).map((body) => Number(body.slice(2)));
  };
  await vi.waitFor(async () => expect((await numbers()).length).toBeGreaterThan(30), patient);
  await server.kill();
  killed = true;
  await server.start();
  const whole = await numbers();
  expect(whole).toEqual(whole.map((_, at) => at + 1));
  const { count, checkpoint, top } = await writing;
  expect(checkpoint).toBe(top);
  expect(await numbers()).toEqual(Array.from({ length: count }, (_, at) => at + 1));
}, 60_000);

it('a Redis without memory refuses what grows, whole, and serves what is there', async () => {
  const { log, admin } = await redisFixture();
  const { session, append } = await startRun(log);
  await append(1);
  await store(log, session, [{ at: 0, key: 'k', body: 'stored' }]);
  await log.remind('hooks', session, 0);
  const before = await headOf(log, session);
  await admin.config('SET', 'maxmemory', '1');
  await expect(append(2)).rejects.toMatchObject(unavailable);
  await expect(log.send(newSession(), sendOf('c1', 'r1'))).rejects.toMatchObject(unavailable);
  const seed = { items: [{ key: 'k', body: 'k' }], entry: entry('begin') };
  await expect(log.seed(newSession(), seed)).rejects.toMatchObject(unavailable);
  const more = [{ at: 0, key: 'k', body: 'other' }];
  await expect(store(log, session, more)).rejects.toMatchObject(unavailable);
  await expect(log.remind('hooks', newSession(), 0)).rejects.toMatchObject(unavailable);
  expect(await headOf(log, session)).toEqual(before);
  expect(await opened(log, session)).toMatchObject({ ...before, items: ['stored'] });
  expect(await log.find(session, 'k')).toMatchObject({ at: 0 });
  const [reminder] = await log.due('hooks', 9, 1_000);
  expect(reminder).toMatchObject({ session });
  if (reminder) await log.dismiss(reminder);
  await log.signal(session, 'here');
  expect(await readAll(log, session)).toHaveLength(3);
  const lease = { run: 'r1', attempt: 1, leaseMs: longMs };
  expect(await log.renew(session, lease)).toMatchObject({ kind: 'held' });
  await admin.config('SET', 'maxmemory', '0');
  expect(await append(2)).toMatchObject({ kind: 'appended' });
  await admin.config('SET', 'maxmemory', '1');
  expect(await log.delete(session)).toBe(true);
});

it('HF-LOG-14: a Redis that is away makes calls fail, and they work again when it is back', async () => {
  const { proxy, log, feeds } = await redisFixture();
  const { session, append } = await startRun(log);
  const { feed } = await feeds().acquire(session);
  const told: string[] = [];
  feed.listen(teller(told));
  await proxy.refuse();
  await expect(append(1)).rejects.toMatchObject(unavailable);
  await expect(log.head(session)).rejects.toMatchObject(unavailable);
  await expect(log.subscribe(newSession(), () => {})).rejects.toMatchObject(unavailable);
  await proxy.pass();
  expect(await untilKnown(() => append(1))).toMatchObject({ kind: 'appended' });
  await vi.waitFor(() => expect(told).toEqual(['chunk 1']), patient);
});
