import type {} from '@holdfast/testkit/redis-global-setup';
import { Redis } from 'ioredis';
import { afterAll, expect, inject, it, onTestFinished, vi } from 'vitest';
import { collect, entriesOf, entry, newSession, sendOf, startRun } from '../src/conformance/kit.ts';
import { opened, range, store } from '../src/conformance/messages.ts';
import { createRedisLog } from '../src/redis/index.ts';
import { Keys } from '../src/redis/keys.ts';
import { scripts } from '../src/redis/scripts.ts';
import { newPrefix } from './support/redis-under-test.ts';

const admin = new Redis(inject('redisUrl'));
afterAll(() => admin.disconnect());

/** What stands in one Redis, and as many logs on it as are asked for: each is a process of its own. */
function make(retentionMs?: number) {
  const prefix = newPrefix();
  const limits = retentionMs === undefined ? {} : { retentionMs };
  const other = () => {
    const log = createRedisLog({ redis: inject('redisUrl'), prefix, limits });
    onTestFinished(() => log.close());
    return log;
  };
  return { log: other(), other, keys: new Keys(prefix) };
}

it('all keys of a session end together, and being looked at keeps it alive', async () => {
  const { log, keys } = make(600_000);
  const session = newSession();
  await log.send(session, sendOf('c1', undefined, { entries: [entry('begin')] }));
  await store(log, session, [{ at: 0, key: 'k', body: 'stored' }]);
  const { meta, log: stream, items, ids } = keys.of(session);
  const lives = () => Promise.all([meta, stream, items, ids].map((key) => admin.pttl(key)));
  for (const left of await lives()) expect(left).toBeGreaterThan(500_000);
  for (const key of [meta, stream, items, ids]) await admin.pexpire(key, 100_000);
  await log.open(session, { limit: 1 });
  for (const left of await lives()) expect(left).toBeGreaterThan(500_000);
  for (const key of [meta, stream, items, ids]) await admin.pexpire(key, 100_000);
  await log.head(session);
  for (const left of await lives()) expect(left).toBeLessThanOrEqual(100_000);
});

it('what a lost session left behind is not found by the next of its name', async () => {
  const { log, keys } = make();
  const session = newSession();
  await log.send(session, sendOf('c1', undefined, { entries: [entry('begin')] }));
  await store(log, session, [{ at: 0, key: 'k', body: 'stored' }]);
  await admin.unlink(keys.of(session).meta);
  expect(await log.open(session, { limit: 9 })).toBeNull();
  await log.send(session, sendOf('c2', undefined, { entries: [entry('anew')] }));
  expect(await log.open(session, { limit: 9 })).toMatchObject({ count: 0, items: [] });
  expect(await log.find(session, 'k')).toBeNull();
});

it.each(['send', 'seed'] as const)(
  'a session that is made anew by a %s where another one was lost has nothing of that one',
  async (act) => {
    const { log, keys } = make();
    const session = newSession();
    const { meta, log: stream, ids } = keys.of(session);
    await log.send(session, sendOf('c1', 'r1'));
    await store(log, session, range(0, 9));
    await admin.unlink(meta);
    expect(await log.command(session, 'c1')).toBeNull();
    if (act === 'seed')
      await log.seed(session, { items: [{ key: 'k8', body: 'b' }], entry: entry('seeded') });
    // What was accepted there is accepted here.
    expect(await log.send(session, sendOf('c1', 'r1'))).toMatchObject({ kind: 'accepted' });
    const all = act === 'seed' ? 3 : 2;
    expect(await admin.xlen(stream)).toBe(all);
    expect(await admin.strlen(ids)).toBe(act === 'seed' ? 8 : 0);
    expect(await log.find(session, 'k1')).toBeNull();
  },
);

it('HF-LOG-13: an entry of 16 KiB is delivered with its body, and a larger one without', async () => {
  const { log } = make();
  const { session, append } = await startRun(log);
  const deliveries = await collect(log, session);
  const texts = ['x'.repeat(16_384), 'x'.repeat(16_385)];
  for (const [at, text] of texts.entries()) await append(at + 1, { entry: entry(text) });
  await vi.waitFor(() => expect(deliveries).toHaveLength(2));
  expect(deliveries).toMatchObject([{ body: texts[0] }, { body: null }]);
});

it.each([
  { first: 16_384, count: 64 },
  { first: 16_383, count: 65 },
])('a page ends with the entry that makes it a mebibyte: $count', async ({ first, count }) => {
  const { log } = make();
  const { session, append } = await startRun(log);
  const { top: id = '', epoch = '' } = (await log.head(session)) ?? {};
  for (let seq = 1; seq <= 66; seq++)
    await append(seq, { entry: entry('x'.repeat(seq === 1 ? first : 16_384)) });
  const page = await log.read(session, { after: { epoch, id }, limit: 500 });
  expect(entriesOf(page)).toHaveLength(count);
});

it('stored messages that are gone are said to be, not left out', async () => {
  const { log, keys } = make();
  const session = newSession();
  await log.send(session, sendOf('c1', undefined, { entries: [entry('begin')] }));
  await store(log, session, [{ at: 0, key: 'k', body: 'stored' }]);
  await admin.unlink(keys.of(session).items);
  await expect(log.open(session, { limit: 9 })).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining('noeviction'),
  });
});

it('HF-LOG-19: digests stand at the places of their messages and are cut with them', async () => {
  const { log, keys } = make();
  const session = newSession();
  const { items, ids } = keys.of(session);
  await log.send(session, sendOf('c1'));
  await store(log, session, range(0, 9));
  const digest = await admin.getrange(ids, 4 * 8, 5 * 8 - 1);
  expect(await admin.strlen(ids)).toBe(9 * 8);
  await log.send(session, sendOf('c2'));
  await store(log, session, [{ at: 2, key: 'k4', body: 'moved' }], { count: 3 });
  expect(await admin.strlen(ids)).toBe(3 * 8);
  expect(await admin.llen(items)).toBe(3);
  expect(await admin.getrange(ids, 2 * 8, -1)).toBe(digest);
  expect(await log.find(session, 'k4')).toMatchObject({ at: 2 });
});

it('HF-LOG-19: a digest is found at its last place, and never across two others', async () => {
  const { log, keys } = make();
  const session = newSession();
  const { ids } = keys.of(session);
  await log.send(session, sendOf('c1'));
  await store(log, session, [{ at: 0, key: 'k', body: 'stored' }]);
  const digest = String(await admin.get(ids));
  const across = `....${digest}....`;
  const places: readonly [string, number | null][] = [
    [across, null],
    [`${across}${digest}`, 2],
    [`${digest}${across}`, 0],
    [`${digest}${across}${digest}........`, 3],
  ];
  for (const [text, at] of places) {
    await admin.set(ids, text, 'KEEPTTL');
    const found = await log.find(session, 'k');
    expect(found?.at ?? null).toBe(at);
  }
});

it('HF-LOG-18: of checkpoints that several processes make at once, exactly one is done', async () => {
  const { log, other } = make();
  const session = newSession();
  const logs = [log, other(), other()];
  for (let round = 1; round <= 20; round++) {
    await log.send(session, sendOf(`c${round}`));
    const { epoch, checkpoint, top } = await opened(log, session);
    const base = { epoch, from: checkpoint, through: top, count: round, keep: round, trim: null };
    const outcomes = await Promise.all(
      logs.map((each, at) => {
        const changes = [{ at: round - 1, key: `${round}`, body: `${round} by ${at}` }];
        return each.checkpoint(session, { ...base, changes });
      }),
    );
    expect([...outcomes].sort()).toEqual(['done', 'stale', 'stale']);
    const { items } = await opened(log, session);
    expect(items).toHaveLength(round);
    expect(items.at(-1)).toBe(`${round} by ${outcomes.indexOf('done')}`);
  }
});

it('HF-LOG-27: of several processes that ask at once, one gets each reminder', async () => {
  const { log, other } = make();
  const sessions = Array.from({ length: 30 }, newSession);
  await Promise.all(sessions.map((session) => log.remind('hooks', session, 0)));
  const logs = [log, other(), other()];
  const claimed = await Promise.all(
    Array.from({ length: 12 }, (_, at) => logs[at % 3]?.due('hooks', 5, 600_000)),
  );
  const names = claimed.flatMap((list) => list?.map(({ session }) => session) ?? []);
  expect(names.sort()).toEqual([...sessions].sort());
});

it('HF-LOG-27: notes of one millisecond are told apart, however many there are', async () => {
  const key = `${newPrefix()}due`;
  const { source } = scripts.remind;
  const notes = Array.from({ length: 200 }, () => admin.eval(source, 1, key, 'session', 0));
  expect(new Set(await Promise.all(notes)).size).toBe(notes.length);
  await admin.del(key);
});

it('HF-LOG-27: a reminder outlives the process that set it', async () => {
  const { log, other } = make();
  const session = newSession();
  await log.remind('hooks', session, 0);
  await log.close();
  const [reminder] = await other().due('hooks', 9, 600_000);
  expect(reminder).toMatchObject({ session });
});

it('a signal to a Redis that is away fails, and says what failed', async () => {
  const log = createRedisLog({ redis: 'redis://127.0.0.1:1' });
  onTestFinished(() => log.close());
  await expect(log.signal(newSession(), 'here')).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/^unable to signal: /),
  });
});

it('entries behind the checkpoint that are gone are said to be', async () => {
  const { log, keys } = make();
  const session = newSession();
  await log.send(session, sendOf('c1'));
  await store(log, session, range(0, 1));
  await log.send(session, sendOf('c2'));
  await admin.unlink(keys.of(session).log);
  await expect(log.open(session, { limit: 9 })).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining('noeviction'),
  });
});
