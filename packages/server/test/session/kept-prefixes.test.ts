import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { describe, expect, it, vi } from 'vitest';
import { KeptPrefixes, StoredPrefix } from '../../src/session/stored-prefix.ts';
import { SessionView } from '../../src/session/view.ts';
import { changed } from '../support/logs.ts';
import { body, limits, message, names, session, store, write } from '../support/viewed.ts';

const prefixIn = (kept: KeptPrefixes, log: SessionLog = createMemoryLog()): StoredPrefix =>
  new StoredPrefix(log, session, kept);

describe('what a process keeps of its sessions', () => {
  it('is as much as there is room for: those that were asked for last', () => {
    const kept = new KeptPrefixes(100);
    const [a, b, c] = [prefixIn(kept), prefixIn(kept), prefixIn(kept)];
    kept.keep(a, 40);
    kept.keep(b, 40);
    kept.keep(a, 50);
    expect(kept.length).toBe(90);
    kept.keep(c, 50);
    // Exactly full, without the one that was asked for least.
    expect(kept.length).toBe(100);
    kept.drop(b);
    expect(kept.length).toBe(100);
    kept.drop(a);
    kept.drop(a);
    expect(kept.length).toBe(50);
    c.clear();
    c.clear();
    expect(kept.length).toBe(0);
  });

  it('is no more than 32 MiB of characters', () => {
    const kept = new KeptPrefixes();
    kept.keep(prefixIn(kept), 33_554_431);
    const last = prefixIn(kept);
    kept.keep(last, 1);
    expect(kept.length).toBe(33_554_432);
    kept.keep(last, 2);
    expect(kept.length).toBe(2);
  });
});

/** A log that has stored messages, and what was read of them: how many at a time. */
async function long(count: number) {
  const log = createMemoryLog();
  await write(log, ...names(count).map(message));
  await store(log);
  const reads: number[] = [];
  const finds: string[] = [];
  const counted = changed(log, {
    items: async (name, request) => {
      const found = await log.items(name, request);
      reads.push(found?.items.length ?? 0);
      return found;
    },
    find: (name, id) => {
      finds.push(id);
      return log.find(name, id);
    },
  });
  const kept = new KeptPrefixes();
  const view = new SessionView(session, counted, limits, { kept });
  await view.readOn();
  return { log, counted, view, kept, reads, finds };
}

const lengthOf = async (log: SessionLog, count: number): Promise<number> =>
  (await log.items(session, { before: count, limit: count }))?.items.join('').length ?? 0;

const idsOf = async (view: SessionView, end?: number) =>
  (await view.prompt(end)).messages().map(({ id }) => id);

describe('messages of a session that a view does not hold', () => {
  it.each([
    { older: 400, reads: [200, 200] },
    { older: 401, reads: [200, 200, 1] },
  ])('are read in pages: $older of them', async ({ older, reads }) => {
    const made = await long(older + limits.pageMessages);
    expect(await idsOf(made.view)).toHaveLength(older + limits.pageMessages);
    expect(made.reads).toEqual(reads);
  });

  it('count by their characters, also where they are read anew', async () => {
    const { log, view, kept } = await long(100);
    await view.prompt();
    expect(kept.length).toBe(await lengthOf(log, 97));
    await write(log, body({ k: 'truncate', after: 'm40' }));
    await view.readOn();
    expect(kept.length).toBe(0);
    await view.prompt();
    expect(kept.length).toBe(await lengthOf(log, view.start));
  });

  it('are read once, also for a prompt that ends in front of those that are held', async () => {
    const { view, reads } = await long(10);
    expect(await idsOf(view, 7)).toEqual(names(7));
    expect(await idsOf(view, 7)).toEqual(names(7));
    expect(await idsOf(view)).toEqual(names(10));
    expect(reads).toEqual([7]);
    // Of what is kept no part is given.
    expect(await idsOf(view, 5)).toEqual(names(5));
  });

  it('stay where a view goes back to where they end', async () => {
    const { log, view, reads } = await long(10);
    await view.prompt();
    await write(log, message('m10'), message('m11'), message('m12'));
    await view.readOn();
    const draft = await view.draft();
    expect(draft && (await log.checkpoint(session, { ...draft.command, trim: null }))).toBe('done');
    draft?.done();
    expect(view.start).toBe(10);
    await view.reach('m9');
    expect(view.start).toBe(7);
    const before = reads.length;
    expect(await idsOf(view)).toEqual(names(13));
    expect(reads).toHaveLength(before);
  });

  it('are all there, each once, also where another session takes the room while they are read', async () => {
    const { log, view, kept } = await long(10);
    expect(await idsOf(view)).toEqual(names(10));
    await write(log, message('m10'), message('m11'), message('m12'));
    await view.readOn();
    const draft = await view.draft();
    expect(draft && (await log.checkpoint(session, { ...draft.command, trim: null }))).toBe('done');
    draft?.done();
    expect(view.start).toBe(10);
    const read = log.items.bind(log);
    vi.spyOn(log, 'items').mockImplementationOnce(async (...asked) => {
      kept.keep(prefixIn(kept), 33_554_432);
      return await read(...asked);
    });
    expect(await idsOf(view)).toEqual(names(13));
    expect(await idsOf(view)).toEqual(names(13));
    expect(kept.length).toBe(await lengthOf(log, 10));
    // Nor is an id taken for free that one of them has.
    expect([await view.hasOlder('m0'), await view.hasOlder('new')]).toEqual([true, false]);
  });

  it('tell which ids are free, so that the log is asked for none that is', async () => {
    const { log, view, finds } = await long(10);
    expect([await view.hasOlder('m6'), await view.hasOlder('new')]).toEqual([true, false]);
    expect(finds).toEqual(['m6', 'new']);
    await view.prompt();
    expect([await view.hasOlder('m6'), await view.hasOlder('new')]).toEqual([true, false]);
    expect(finds).toEqual(['m6', 'new', 'm6']);
    // Those that the view has let go of since are not known to be free.
    await write(log, ...['m10', 'm11', 'm12'].map(message));
    await view.readOn();
    await store(log);
    (await view.draft())?.done();
    expect(view.start).toBe(10);
    expect([await view.hasOlder('m9'), await view.hasOlder('new')]).toEqual([true, false]);
    expect(finds).toEqual(['m6', 'new', 'm6', 'm9', 'new']);
  });

  it('are not kept where the log has others, or none any more', async () => {
    const kept = new KeptPrefixes();
    const { log, counted, view } = await long(10);
    const prefix = prefixIn(kept, log);
    expect(await prefix.through(7, () => false)).toBeNull();
    expect(await prefix.through(11, () => true)).toBeNull();
    expect(kept.length).toBe(0);
    expect((await prefix.through(7, () => true))?.length).toBe(7);
    expect(kept.length).toBe(await lengthOf(log, 7));
    // A view gives what it can still have.
    await log.delete(session);
    expect(await counted.items(session, { before: 7, limit: 7 })).toBeNull();
    expect(await idsOf(view)).toEqual(['m7', 'm8', 'm9']);
  });
});
