import { expect, it } from 'vitest';
import type { CheckpointCommand, NewItem, Opened, SessionLog } from '../session-log.ts';
import {
  bodiesOf,
  collect,
  entry,
  newSession,
  readAll,
  type Started,
  sendOf,
  startRun,
  type Topic,
} from './kit.ts';

const item = (at: number, version = 1): NewItem & { readonly at: number } => ({
  at,
  key: `k${at}`,
  body: `message ${at} version ${version}`,
});

const bodies = (first: number, end: number, version = 1): readonly string[] =>
  Array.from({ length: end - first }, (_, at) => item(first + at, version).body);

export const range = (first: number, end: number, version = 1): CheckpointCommand['changes'] =>
  Array.from({ length: end - first }, (_, at) => item(first + at, version));

export const opened = async (log: SessionLog, session: string, limit = 100): Promise<Opened> => {
  const found = await log.open(session, { limit });
  if (!found) throw new Error('there is no such session');
  return found;
};

/** Stores messages up to the log's top, from whatever checkpoint there is. */
export async function store(
  log: SessionLog,
  session: string,
  changes: CheckpointCommand['changes'],
  more: Partial<CheckpointCommand> = {},
): Promise<unknown> {
  const { epoch, checkpoint, top } = await opened(log, session, 1);
  const count = more.count ?? (changes.at(-1)?.at ?? -1) + 1;
  const base = { epoch, from: checkpoint, through: top, count, changes, keep: count, trim: null };
  return await log.checkpoint(session, { ...base, ...more });
}

async function started(log: SessionLog): Promise<Started> {
  const run = await startRun(log);
  await run.append(1);
  return run;
}

export function storing({ make }: Topic): void {
  it('HF-LOG-11: a checkpoint stores messages and moves on, and the entries stay readable', async () => {
    const log = await make();
    const { session, epoch, append } = await started(log);
    expect(await store(log, session, range(0, 3))).toBe('done');
    const before = await readAll(log, session);
    await append(2);
    const after = await readAll(log, session);
    expect(after.slice(0, -1)).toEqual(before);
    expect(await opened(log, session)).toMatchObject({
      epoch,
      count: 3,
      checkpoint: before.at(-1)?.id,
      top: after.at(-1)?.id,
      floor: '0-0',
      handed: '0-0',
      items: bodies(0, 3),
      entries: [{ body: 'chunk 2', prev: before.at(-1)?.id }],
      runs: [{ run: 'r1' }],
    });
    expect((await log.head(session))?.checkpoint).toBe(before.at(-1)?.id);
  });

  it('HF-LOG-11: messages can be changed, added and taken away at the end in one step', async () => {
    const log = await make();
    const { session, append } = await started(log);
    await store(log, session, range(0, 5));
    await append(2);
    const changes = [item(1, 2), item(3, 2)];
    expect(await store(log, session, changes, { count: 4 })).toBe('done');
    expect((await opened(log, session)).items).toEqual([
      item(0).body,
      item(1, 2).body,
      item(2).body,
      item(3, 2).body,
    ]);
    await append(3);
    expect(await store(log, session, [], { count: 0 })).toBe('done');
    expect(await opened(log, session)).toMatchObject({ count: 0, items: [] });
    await append(4);
    expect(await store(log, session, range(0, 2, 3))).toBe('done');
    expect((await opened(log, session)).items).toEqual(bodies(0, 2, 3));
  });

  it('HF-LOG-11: a checkpoint made from another one is stale and changes nothing', async () => {
    const log = await make();
    const { session, append } = await started(log);
    await store(log, session, range(0, 2));
    await append(2);
    const before = await opened(log, session);
    for (const from of ['0-0', before.top, '9-9'])
      expect(await store(log, session, range(0, 3), { from, through: before.top })).toBe('stale');
    expect(await opened(log, session)).toEqual(before);
  });

  it('HF-LOG-11: repeating a checkpoint is stale, and one of two at once is done', async () => {
    const log = await make();
    const { session } = await started(log);
    const { epoch, top } = await opened(log, session);
    const command = { epoch, from: '0-0', through: top, count: 2, changes: range(0, 2), keep: 2 };
    const both = await Promise.all([
      log.checkpoint(session, { ...command, trim: null }),
      log.checkpoint(session, { ...command, trim: null }),
    ]);
    expect(both.sort()).toEqual(['done', 'stale']);
    expect((await opened(log, session)).items).toEqual(bodies(0, 2));
  });

  it('HF-LOG-11: a checkpoint through an entry that the log does not hold is stale', async () => {
    const log = await make();
    const { session } = await started(log);
    const { top } = await opened(log, session);
    const other = top.replace(/-.*/, '-77');
    expect(await store(log, session, range(0, 1), { through: other })).toBe('stale');
    expect(await store(log, session, range(0, 1), { through: '99-1' })).toBe('stale');
  });

  it('HF-LOG-11: a checkpoint of another epoch or of no session is missing', async () => {
    const log = await make();
    const { session } = await started(log);
    expect(await store(log, session, range(0, 1), { epoch: 'other' })).toBe('missing');
    const nothing = { epoch: 'x', from: '0-0', through: '0-0', count: 0, changes: [], keep: 0 };
    expect(await log.checkpoint(newSession(), { ...nothing, trim: null })).toBe('missing');
  });

  it('HF-LOG-13: a hole, a place beyond the count and a key twice are refused and change nothing', async () => {
    const log = await make();
    const { session } = await started(log);
    const before = await opened(log, session);
    const wrong: readonly [CheckpointCommand['changes'], number][] = [
      [[item(1), item(0)], 2],
      [[item(0), item(2)], 2],
      [[item(0), { ...item(1), key: 'k0' }], 2],
      [[item(0), item(0)], 1],
    ];
    for (const [changes, count] of wrong)
      await expect(store(log, session, changes, { count })).rejects.toMatchObject({
        code: 'internal',
      });
    await expect(store(log, session, [item(0), item(2)], { count: 3 })).rejects.toMatchObject({
      code: 'internal',
    });
    await expect(store(log, session, [], { count: 1 })).rejects.toMatchObject({ code: 'internal' });
    expect(await opened(log, session)).toEqual(before);
  });

  it('HF-LOG-11: old entries are dropped up to exactly the entry that is named', async () => {
    const log = await make();
    const { session, epoch, append } = await started(log);
    await append(2);
    await store(log, session, range(0, 2));
    const all = await readAll(log, session);
    const [, , third, fourth] = all;
    const { checkpoint, bytes } = await opened(log, session);
    const note = { from: checkpoint, through: checkpoint, count: 2 };
    expect(await store(log, session, [], { ...note, trim: third?.id ?? '' })).toBe('done');
    expect(await readAll(log, session)).toEqual([fourth]);
    const now = await opened(log, session);
    expect(now).toMatchObject({ floor: third?.id, items: bodies(0, 2) });
    expect(now.bytes).toBeLessThan(bytes);
    const read = (id = '') => log.read(session, { after: { epoch, id }, limit: 10 });
    expect(await read(third?.id)).toMatchObject({ kind: 'entries', entries: [fourth] });
    expect(await read(all[1]?.id)).toMatchObject({ kind: 'reset', why: 'trimmed' });
    expect(await store(log, session, [], { ...note, trim: all[0]?.id ?? '' })).toBe('done');
    expect((await opened(log, session)).floor).toBe(third?.id);
    expect(await store(log, session, [], { ...note, trim: checkpoint })).toBe('done');
    expect(await readAll(log, session)).toEqual([]);
    await append(3);
    expect(await bodiesOf(log, session)).toEqual(['chunk 3']);
  });

  it('HF-RUN-8: entries that the application was not told of are not dropped', async () => {
    const log = await make();
    const { session } = await started(log);
    const all = await readAll(log, session);
    const handed = all[0]?.id ?? '';
    const top = all.at(-1)?.id ?? '';
    expect(await store(log, session, range(0, 1), { handed, trim: top })).toBe('done');
    expect(await opened(log, session)).toMatchObject({ handed, floor: handed });
    expect(await readAll(log, session)).toEqual(all.slice(1));
    const note = { from: top, through: top, count: 1 };
    expect(await store(log, session, [], { ...note, trim: top })).toBe('done');
    expect((await opened(log, session)).floor).toBe(handed);
    await store(log, session, [], { ...note, handed: top });
    await store(log, session, [], { ...note, trim: top });
    expect(await opened(log, session)).toMatchObject({ handed: top, floor: top });
  });

  it('HF-LOG-12: opening gives the newest messages, or more back to what is kept', async () => {
    const log = await make();
    const { session } = await started(log);
    await store(log, session, range(0, 10));
    expect((await opened(log, session, 3)).items).toEqual(bodies(7, 10));
    const { checkpoint } = await opened(log, session);
    const note = { from: checkpoint, through: checkpoint, count: 10, keep: 4 };
    await store(log, session, [], note);
    expect((await opened(log, session, 3)).items).toEqual(bodies(4, 10));
    expect((await opened(log, session, 8)).items).toEqual(bodies(2, 10));
    expect((await opened(log, session, 99)).items).toEqual(bodies(0, 10));
  });

  it('HF-LOG-12: an open session is whole however often it is stored meanwhile', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    // Entry n stands for message n; a reader must find each number once and in order.
    const rounds = 40;
    const writing = (async () => {
      for (let at = 1; at <= rounds; at++) {
        await append(at, { entry: entry(`n ${at}`) });
        const changes = [{ at: at - 1, key: `n${at}`, body: `n ${at}` }];
        const { top, checkpoint } = await opened(log, session, 1);
        const trim = at % 3 === 0 ? checkpoint : null;
        expect(await store(log, session, changes, { count: at, through: top, trim })).toBe('done');
      }
    })();
    let done = false;
    void writing.finally(() => {
      done = true;
    });
    while (!done) {
      const { items, entries } = await opened(log, session, 1_000);
      const numbers = [...items, ...entries.map(({ body }) => body)]
        .filter((body) => body.startsWith('n '))
        .map((body) => Number(body.slice(2)));
      expect(numbers).toEqual(numbers.map((_, at) => at + 1));
    }
    await writing;
    expect(await opened(log, session)).toMatchObject({ count: rounds });
  });

  it('HF-LOG-13: messages are read by place and found by key', async () => {
    const log = await make();
    const { session, epoch, append } = await started(log);
    await store(log, session, range(0, 30));
    const { checkpoint } = await opened(log, session);
    const read = (before: number, limit: number) => log.items(session, { before, limit });
    const base = { epoch, checkpoint, count: 30 };
    expect(await read(30, 4)).toEqual({ ...base, items: bodies(26, 30) });
    expect(await read(5, 10)).toEqual({ ...base, items: bodies(0, 5) });
    expect(await read(40, 12)).toEqual({ ...base, items: bodies(28, 30) });
    expect(await read(0, 10)).toEqual({ ...base, items: [] });
    for (const at of [0, 7, 29])
      expect(await log.find(session, `k${at}`)).toEqual({ epoch, checkpoint, at });
    expect(await log.find(session, 'k30')).toBeNull();
    await append(2);
    await store(log, session, [{ ...item(7), key: 'new' }], { count: 8 });
    expect(await log.find(session, 'k7')).toBeNull();
    expect(await log.find(session, 'k8')).toBeNull();
    expect(await log.find(session, 'new')).toMatchObject({ at: 7 });
    expect(await log.items(newSession(), { before: 9, limit: 9 })).toBeNull();
    expect(await log.find(newSession(), 'k1')).toBeNull();
    expect(await log.open(newSession(), { limit: 9 })).toBeNull();
  });

  it('HF-LOG-9: a deleted session has no messages, and begins anew without them', async () => {
    const log = await make();
    const { session } = await started(log);
    await store(log, session, range(0, 3));
    await log.delete(session);
    expect(await log.open(session, { limit: 9 })).toBeNull();
    expect(await log.find(session, 'k1')).toBeNull();
    await log.send(session, sendOf('c1', 'r9'));
    expect(await opened(log, session)).toMatchObject({ count: 0, items: [], checkpoint: '0-0' });
    expect(await log.find(session, 'k1')).toBeNull();
  });

  it('HF-LOG-10: a send is stale when another one came behind what it has seen', async () => {
    const log = await make();
    const { session, epoch, append } = await startRun(log);
    const seen = { epoch, id: (await opened(log, session)).top };
    await append(1);
    await append(2, { end: 'finished' });
    expect(await log.send(session, { ...sendOf('c2', 'r2'), expect: seen })).toMatchObject({
      kind: 'accepted',
    });
    const before = await readAll(log, session);
    expect(await log.send(session, { ...sendOf('c3', 'r3'), expect: seen })).toEqual({
      kind: 'stale',
    });
    const other = { epoch: 'other', id: seen.id };
    expect(await log.send(session, { ...sendOf('c3'), expect: other })).toEqual({ kind: 'stale' });
    expect(await log.send(newSession(), { ...sendOf('c3'), expect: seen })).toEqual({
      kind: 'stale',
    });
    expect(await readAll(log, session)).toEqual(before);
    expect(await log.send(session, { ...sendOf('c2', 'r2'), expect: seen })).toMatchObject({
      kind: 'duplicate',
    });
    expect(await log.send(session, sendOf('c3', 'r3'))).toMatchObject({ kind: 'accepted' });
  });

  it('HF-LOG-10: a command that comes again with another digest is answered so', async () => {
    const log = await make();
    const session = newSession();
    const first = { ...sendOf('c1', 'r1'), digest: 'one' };
    await log.send(session, first);
    expect(await log.send(session, { ...sendOf('c1', 'r2'), digest: 'two' })).toEqual({
      kind: 'other',
    });
    expect(await log.send(session, first)).toMatchObject({ kind: 'duplicate' });
    expect(await log.send(session, sendOf('c1', 'r2'))).toMatchObject({ kind: 'duplicate' });
    expect(await readAll(log, session)).toHaveLength(2);
  });

  it('HF-LOG-14: a session is seeded once, and goes on from there', async () => {
    const log = await make();
    const session = newSession();
    const deliveries = await collect(log, session);
    const items = range(0, 3).map(({ key, body }) => ({ key, body }));
    expect(await log.seed(session, { items, entry: entry('seeded') })).toBe('seeded');
    const now = await opened(log, session);
    expect(now).toMatchObject({ count: 3, items: bodies(0, 3), entries: [], floor: '0-0' });
    expect(now.checkpoint).toBe(now.top);
    expect(now.handed).toBe(now.top);
    expect(await log.find(session, 'k2')).toMatchObject({ at: 2 });
    expect(await log.seed(session, { items: [], entry: entry('again') })).toBe('exists');
    const sent = await log.send(session, sendOf('c1', 'r1'));
    expect(sent).toMatchObject({ before: now.top, epoch: now.epoch });
    expect(await bodiesOf(log, session)).toEqual(['seeded', 'message of c1', 'start of r1']);
    await expect.poll(() => deliveries.length).toBe(3);
    expect(deliveries[0]).toMatchObject({ prev: '0-0', body: 'seeded' });
  });

  it('HF-LOG-14: of two seeds at once one begins the session', async () => {
    const log = await make();
    const session = newSession();
    const seed = (name: string) =>
      log.seed(session, { items: [{ key: name, body: name }], entry: entry('seeded') });
    const both = await Promise.all([seed('a'), seed('b')]);
    expect([...both].sort()).toEqual(['exists', 'seeded']);
    expect((await opened(log, session)).items).toEqual([both[0] === 'seeded' ? 'a' : 'b']);
  });
}
