import { createMemoryLog } from '@holdfast/log';
import { describe, expect, it } from 'vitest';
import { idAt } from '../../src/session/page.ts';
import { SessionView } from '../../src/session/view.ts';
import {
  body,
  limits,
  message,
  names,
  session,
  shownBy,
  store,
  topOf,
  write,
} from '../support/viewed.ts';

describe('HF-RUN-1: a session with more entries than one read gives', () => {
  it.each([499, 500, 501, 1_000, 1_234])('is known whole: %d entries', async (count) => {
    const log = createMemoryLog();
    await write(log, ...names(count).map(message));
    const view = new SessionView(session, log, limits);
    await view.readOn();
    expect(view.position.id).toBe(await topOf(log));
    expect(await shownBy(view)).toEqual(names(count));
    await write(log, message('next'));
    await view.readOn();
    expect(view.end).toBe(count + 1);
  });

  it.each([1, 499, 500, 700, 1_233])(
    'is known up to an entry that is asked for: %d',
    async (seq) => {
      const log = createMemoryLog();
      await write(log, ...names(1_234).map(message));
      const read = await log.read(session, { after: null, limit: 2_000 });
      const id = read.kind === 'entries' ? read.entries[seq - 1]?.id : undefined;
      const view = new SessionView(session, log, limits);
      await view.readOn(id);
      expect(view.position.id).toBe(id);
      expect(await shownBy(view)).toEqual(names(seq));
      // What is in front of where it stands is no reason to go on, nor to go back.
      await view.readOn(read.kind === 'entries' ? read.entries[0]?.id : undefined);
      expect(view.position.id).toBe(id);
    },
  );
});

describe('what a view holds', () => {
  it('is stored with the stops of runs that go on, and known from there', async () => {
    const log = createMemoryLog();
    const start = { k: 'run-start', attempt: 1, agent: 'default', replyTo: 'm0' };
    await write(log, message('m0'));
    for (const run of ['r1', 'r2'])
      await write(log, body({ ...start, run, messageId: `answer of ${run}` }));
    await write(log, body({ k: 'cancel', run: 'r1' }));
    await store(log);
    const view = new SessionView(session, log, limits);
    await view.readOn();
    expect(['r1', 'r2'].map((run) => view.isStopping(run))).toEqual([true, false]);
  });

  it('is known by id, as far as it reaches back', async () => {
    const log = createMemoryLog();
    await write(log, ...names(5).map(message));
    const read = await log.read(session, { after: null, limit: 9 });
    const ids = read.kind === 'entries' ? read.entries.map(({ id }) => id) : [];
    const view = new SessionView(session, log, limits);
    await view.readOn(ids[3]);
    expect(ids.map((id) => view.holds(id))).toEqual([true, true, true, true, false]);
    expect(view.holds(`2-${Number(ids[1]?.split('-')[1]) + 1}`)).toBe(false);
    expect(view.holds('0-0')).toBe(false);
  });

  it('is the last two thousand of many, and never less', async () => {
    const view = new SessionView(session, createMemoryLog(), limits);
    view.begin('e');
    const entries = Array.from({ length: 4_001 }, (_, at) => ({
      id: `${at + 1}-7`,
      body: body({ k: 'future' }),
    }));
    await view.apply(entries.slice(0, 4_000));
    expect(view.holds('1-7')).toBe(true);
    await view.apply(entries.slice(4_000));
    expect(view.holds('2001-7')).toBe(false);
    expect(view.holds('2002-7')).toBe(true);
    expect(view.holds('4001-7')).toBe(true);
  });

  it('is nothing after a reset, and what is stored when it reads on', async () => {
    const log = createMemoryLog();
    await write(log, ...names(8).map(message));
    await store(log);
    await write(log, message('new'));
    const view = new SessionView(session, log, limits);
    await view.readOn();
    const before = [view.start, view.end, view.base.checkpoint, view.base.stored, view.base.handed];
    expect(before).toEqual([5, 9, expect.stringMatching(/^8-/), { count: 8, keep: 8 }, '0-0']);
    const fresh = new SessionView(session, log, limits);
    expect(fresh.base.stored).toEqual({ count: 0, keep: 0 });
    view.reset();
    expect([
      view.start,
      view.end,
      view.base.checkpoint,
      view.base.stored,
      view.base.handed,
    ]).toEqual([0, 0, '0-0', { count: 0, keep: 0 }, '0-0']);
    expect(view.position).toEqual({ epoch: '', id: '0-0' });
    expect(view.holds(await topOf(log))).toBe(false);
    await view.readOn();
    expect([
      view.start,
      view.end,
      view.base.checkpoint,
      view.base.stored,
      view.base.handed,
    ]).toEqual(before);
  });
});

describe('HF-LOG-17: older messages stay in the log, and are read when they are asked for', () => {
  const stored = async (count: number) => {
    const log = createMemoryLog();
    await write(log, ...names(count).map(message));
    await store(log);
    const view = new SessionView(session, log, limits);
    await view.readOn();
    return { log, view };
  };

  it.each([
    [0, 3],
    [0, 10],
    [3, 9],
    [6, 8],
    [7, 10],
    [8, 9],
    [9, 99],
    [4, 4],
  ])('at places %d to %d', async (begin, end) => {
    const { view } = await stored(10);
    expect(view.start).toBe(7);
    expect(await shownBy(view, begin, end)).toEqual(names(10).slice(begin, end));
  });

  it('also more than one read gives', async () => {
    const { view } = await stored(450);
    expect(await shownBy(view)).toEqual(names(450));
  });

  it('by their place', async () => {
    const { view } = await stored(10);
    expect(await idAt(view, 0)).toBe('m0');
    expect(await idAt(view, 6)).toBe('m6');
    expect(await idAt(view, 7)).toBe('m7');
    expect(await idAt(view, 9)).toBe('m9');
    expect(await idAt(view, 10)).toBeUndefined();
  });

  it('and held from then on, with a page in front', async () => {
    const { view } = await stored(10);
    expect(await view.hasOlder('m4')).toBe(true);
    expect(await view.hasOlder('m8')).toBe(false);
    expect(await view.hasOlder('unknown')).toBe(false);
    expect(await view.reach('m8')).toBe(true);
    expect(view.start).toBe(7);
    expect(await view.reach('m4')).toBe(true);
    expect(view.start).toBe(2);
    expect(await view.reach('unknown')).toBe(false);
    expect(await view.reach('m0')).toBe(true);
    expect(view.start).toBe(0);
    expect(await view.hasOlder('m0')).toBe(false);
    expect(await shownBy(view)).toEqual(names(10));
  });

  it('a truncation behind one of them leaves it, and one of all leaves nothing', async () => {
    const { log, view } = await stored(10);
    await write(log, body({ k: 'truncate', after: 'm3' }), message('other'));
    await view.readOn();
    expect(await shownBy(view)).toEqual(['m0', 'm1', 'm2', 'm3', 'other']);
    await write(log, body({ k: 'truncate', after: null }), message('last'));
    await view.readOn();
    expect([view.start, view.end]).toEqual([0, 1]);
    expect(await shownBy(view)).toEqual(['last']);
  });

  it('a snapshot begins a page back, or at the oldest message that is open', async () => {
    const { log, view } = await stored(10);
    expect(view.pageStart).toBe(7);
    await write(log, message('a'), message('b'));
    await view.readOn();
    expect(view.pageStart).toBe(9);
    await view.reach('m0');
    expect(view.pageStart).toBe(9);
    const start = { run: 'r', attempt: 1, agent: 'a', messageId: 'm', command: 'c' };
    await write(
      log,
      body({ k: 'run-start', ...start }),
      ...names(6).map((id) => message(`n${id}`)),
    );
    await view.readOn();
    // A live run keeps its message open, however many come behind it.
    expect(view.pageStart).toBe(12);
  });
});
