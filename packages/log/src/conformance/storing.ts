import { expect, it } from 'vitest';
import type { CheckpointCommand } from '../contract/messages.ts';
import { bodiesOf, entry, headOf, newSession, readAll, sendOf, type Topic } from './kit.ts';
import { bodies, item, opened, range, started, store } from './messages.ts';

export function storing(topic: Topic): void {
  movingOn(topic);
  keepingAState(topic);
  refusingCheckpoints(topic);
  droppingEntries(topic);
}

function movingOn({ make }: Topic): void {
  it('HF-LOG-18: a checkpoint stores messages and moves on, and the entries stay readable', async () => {
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
    expect((await headOf(log, session))?.checkpoint).toBe(before.at(-1)?.id);
  });

  it('HF-LOG-18: messages can be changed, added and taken away at the end in one step', async () => {
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
}

function keepingAState({ make }: Topic): void {
  it('HF-LOG-21: a checkpoint keeps a state, until another one has one', async () => {
    const log = await make();
    const { session, append } = await started(log);
    expect((await opened(log, session)).state).toBe('');
    await store(log, session, range(0, 1), { state: 'one ü "{}"' });
    expect((await opened(log, session)).state).toBe('one ü "{}"');
    await append(2);
    await store(log, session, range(0, 2));
    expect((await opened(log, session)).state).toBe('one ü "{}"');
    await append(3);
    await store(log, session, [], { count: 2, state: '' });
    expect((await opened(log, session)).state).toBe('');
  });

  it('HF-LOG-21: the state of a checkpoint that is refused is not kept', async () => {
    const log = await make();
    const { session } = await started(log);
    const { top } = await opened(log, session);
    await store(log, session, range(0, 1), { from: top, state: 'stale' });
    const large = store(log, session, range(0, 1), { state: 'x'.repeat(1_100_000) });
    await expect(large).rejects.toMatchObject({ code: 'internal' });
    expect(await opened(log, session)).toMatchObject({ state: '', count: 0 });
  });

  it('HF-LOG-21: a state goes with its session', async () => {
    const log = await make();
    const { session } = await started(log);
    await store(log, session, range(0, 1), { state: 'old' });
    await log.delete(session);
    await log.send(session, sendOf('anew'));
    expect((await opened(log, session)).state).toBe('');
  });
}

function refusingCheckpoints({ make }: Topic): void {
  it('HF-LOG-18: a checkpoint made from another one is stale and changes nothing', async () => {
    const log = await make();
    const { session, append } = await started(log);
    await store(log, session, range(0, 2));
    await append(2);
    const before = await opened(log, session);
    for (const from of ['0-0', before.top, '9-9'])
      expect(await store(log, session, range(0, 3), { from, through: before.top })).toBe('stale');
    expect(await opened(log, session)).toEqual(before);
  });

  it('HF-LOG-18: repeating a checkpoint is stale, and one of two at once is done', async () => {
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

  it('HF-LOG-18: a checkpoint through an entry that the log does not hold is stale', async () => {
    const log = await make();
    const { session } = await started(log);
    const { top } = await opened(log, session);
    const other = top.replace(/-.*/, '-77');
    expect(await store(log, session, range(0, 1), { through: other })).toBe('stale');
    expect(await store(log, session, range(0, 1), { through: '99-1' })).toBe('stale');
  });

  it('HF-LOG-18: a checkpoint of another epoch or of no session is missing', async () => {
    const log = await make();
    const { session } = await started(log);
    expect(await store(log, session, range(0, 1), { epoch: 'other' })).toBe('missing');
    const nothing = { epoch: 'x', from: '0-0', through: '0-0', count: 0, changes: [], keep: 0 };
    expect(await log.checkpoint(newSession(), { ...nothing, trim: null })).toBe('missing');
  });

  it('HF-LOG-19: a hole, a place beyond the count and a key twice are refused and change nothing', async () => {
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
}

function droppingEntries({ make }: Topic): void {
  it('HF-LOG-18: old entries are dropped up to exactly the entry that is named', async () => {
    const log = await make();
    const { session, epoch, append } = await started(log);
    await append(2);
    await store(log, session, range(0, 2));
    const all = await readAll(log, session);
    const [, , third, fourth] = all;
    const { checkpoint } = await opened(log, session);
    const note = { from: checkpoint, through: checkpoint, count: 2 };
    expect(await store(log, session, [], { ...note, trim: third?.id ?? '' })).toBe('done');
    expect(await readAll(log, session)).toEqual([fourth]);
    const now = await opened(log, session);
    expect(now).toMatchObject({ floor: third?.id, items: bodies(0, 2) });
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

  it('HF-RUN-25: entries that the application was not told of are not dropped', async () => {
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

  it('HF-LOG-20: where the application is told of nothing, a seeded session is trimmed as any other', async () => {
    const log = await make();
    const session = newSession();
    await log.seed(session, { items: [{ key: 'a', body: 'a' }], entry: entry('seeded') });
    await log.send(session, sendOf('c1'));
    const { top } = await opened(log, session);
    expect(await store(log, session, [item(1)], { trim: top })).toBe('done');
    expect(await opened(log, session)).toMatchObject({ floor: top, count: 2 });
  });

  it('HF-LOG-32: a deleted session has no messages, and begins anew without them', async () => {
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
}
