import { createMemoryLog } from '@holdfast/log';
import { describe, expect, it } from 'vitest';
import { idAt } from '../../src/session/page.ts';
import { storeView } from '../../src/session/store-view.ts';
import { SessionView } from '../../src/session/view.ts';
import { askedView } from '../support/asked-view.ts';
import { changed } from '../support/logs.ts';
import { userMessage } from '../support/server.ts';
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

const filled = async (count: number) => {
  const log = createMemoryLog();
  await write(log, ...names(count).map(message));
  return { log, ...askedView(log) };
};

describe('a view reads no more than it has to', () => {
  it('to come to the top, or to know that it is there', async () => {
    const { log, view, asked } = await filled(5);
    await view.readOn();
    expect(asked()).toEqual(['open']);
    await view.readOn();
    expect(asked()).toEqual(['read']);
    await write(log, message('x'));
    await view.readOn();
    expect(asked()).toEqual(['read']);
    expect(await shownBy(view)).toEqual([...names(5), 'x']);
  });

  it('to come to an entry that it was asked for', async () => {
    const { log, view, asked } = await filled(5);
    const read = await log.read(session, { after: null, limit: 9 });
    const ids = read.kind === 'entries' ? read.entries.map(({ id }) => id) : [];
    await view.readOn(ids[1]);
    expect(asked()).toEqual(['open']);
    await view.readOn(ids[2]);
    expect(asked()).toEqual(['read']);
    expect(view.position.id).toBe(ids[2]);
  });

  it('where nothing is', async () => {
    const { view, asked } = askedView(createMemoryLog());
    await view.readOn();
    expect(asked()).toEqual(['open']);
  });

  it('for a message that it has, or that cannot be further back', async () => {
    const { log, view, asked } = await filled(10);
    await view.readOn();
    asked();
    expect(await view.reach('m0')).toBe(true);
    expect(await view.reach('other')).toBe(false);
    expect(await view.hasOlder('m0')).toBe(false);
    expect(await idAt(view, 0)).toBe('m0');
    expect(asked()).toEqual([]);
    await store(log);
    const later = askedView(log);
    await later.view.readOn();
    later.asked();
    expect(await later.view.reach('m9')).toBe(true);
    expect(await idAt(later.view, 7)).toBe('m7');
    expect(later.asked()).toEqual([]);
    expect(await later.view.reach('m2')).toBe(true);
    expect(later.asked()).toEqual(['find', 'items']);
  });
});

it.each([
  { older: 400, reads: 2 },
  { older: 401, reads: 3 },
])('$older messages that are stored take $reads reads', async ({ older, reads }) => {
  const log = createMemoryLog();
  await write(log, ...names(older + limits.pageMessages).map(message));
  await store(log);
  const { view, asked } = askedView(log);
  await view.readOn();
  asked();
  expect(await shownBy(view, 0, older)).toEqual(names(older));
  expect(asked()).toEqual(Array.from({ length: reads }, () => 'items'));
});

it('a view that begins with a session is in front of its first entry', async () => {
  const { view } = await filled(3);
  await view.readOn();
  view.begin('another');
  expect(view.position).toEqual({ epoch: 'another', id: '0-0' });
  expect([view.start, view.end]).toEqual([0, 0]);
  await view.apply([{ id: '1-7', body: message('x') }]);
  expect(view.position).toEqual({ epoch: 'another', id: '1-7' });
  expect(await shownBy(view)).toEqual(['x']);
});

describe('HF-SUB-11: a view passes over', () => {
  it('what nobody can read, and tells of it', async () => {
    const { log, view, skipped } = await filled(1);
    await write(log, 'no JSON', body({ k: 'message' }), body({ k: 'future' }), message('x'));
    await view.readOn();
    expect(await shownBy(view)).toEqual(['m0', 'x']);
    expect(skipped.map((id) => id.split('-')[0])).toEqual(['2', '3']);
  });

  it('a beginning that comes in the middle, wherever it is read', async () => {
    const { log, view, skipped } = await filled(1);
    await write(log, body({ k: 'seed', count: 3 }), message('x'));
    await view.readOn();
    expect(await shownBy(view)).toEqual(['m0', 'x']);
    expect(skipped).toHaveLength(1);
    await write(log, body({ k: 'seed', count: 3 }));
    await view.readOn();
    expect(await shownBy(view)).toEqual(['m0', 'x']);
    expect(skipped).toHaveLength(2);
  });

  it('no beginning whose messages are stored', async () => {
    const log = createMemoryLog();
    await log.seed(session, {
      items: [{ key: 'm0', body: JSON.stringify({ id: 'm0', message: userMessage('m0', 'm0') }) }],
      entry: { nonce: 1, body: body({ k: 'seed', count: 1 }) },
    });
    const { view, skipped } = askedView(log);
    const { epoch = '' } = (await log.head(session)) ?? {};
    // Of which it was given the entry alone.
    view.begin(epoch);
    await view.apply([{ id: await topOf(log), body: body({ k: 'seed', count: 1 }) }]);
    expect(view.position.epoch).toBe('');
    await view.readOn();
    expect(await shownBy(view)).toEqual(['m0']);
    expect(skipped).toEqual([]);
  });
});

it('of runs that were asked to stop those count that go on', async () => {
  const { log, view } = await filled(1);
  const start = { k: 'run-start', attempt: 1, agent: 'a', replyTo: 'm0' };
  const stopping = () => ['r1', 'r2', 'r3'].filter((run) => view.isStopping(run));
  for (const run of ['r1', 'r2']) await write(log, body({ ...start, run, messageId: `of ${run}` }));
  for (const run of ['r1', 'r2', 'r3']) await write(log, body({ k: 'cancel', run }));
  await view.readOn();
  expect(stopping()).toEqual(['r1', 'r2']);
  await write(log, body({ k: 'run-end', run: 'r1', attempt: 1, outcome: 'stopped' }));
  await write(log, body({ k: 'cancel', run: 'r1' }));
  await view.readOn();
  expect(stopping()).toEqual(['r2']);
  view.reset();
  expect(stopping()).toEqual([]);
});

describe('HF-LOG-18: a view is stored', () => {
  it('once, and again when there is more', async () => {
    const { log, view } = await filled(3);
    await view.readOn();
    const id = await topOf(log);
    const at = { epoch: view.position.epoch, id, count: 3, keep: 3 };
    const bodies = names(3).map((each) =>
      JSON.stringify({ id: each, message: userMessage(each, each) }),
    );
    const stored = await storeView(log, session, view);
    const replaced = names(3).map(message).join('').length;
    expect(stored).toEqual({ ...at, written: bodies.join('').length, replaced });
    expect(await storeView(log, session, view)).toBe('nothing');
    expect((await log.head(session))?.floor).toBe('0-0');
    await write(log, message('x'));
    await view.readOn();
    view.reset();
    await view.readOn();
    // What one of them stood for is none of the next one's.
    const next = { count: 4, replaced: message('x').length };
    expect(await storeView(log, session, view)).toMatchObject(next);
    await write(log, message('longer'));
    await view.readOn();
    const last = { count: 5, replaced: message('longer').length };
    expect(await storeView(log, session, view)).toMatchObject(last);
  });

  it('where there is no room for both it and its entries, and not at all where there is none for it', async () => {
    const text = 'x'.repeat(400);
    const entry = body({ k: 'message', message: userMessage('a', text) });
    const log = createMemoryLog({ limits: { sessionBytes: entry.length + 40 } });
    await write(log, entry);
    const first = new SessionView(session, log, limits);
    await first.readOn();
    expect(await storeView(log, session, first)).toMatchObject({
      count: 1,
      replaced: entry.length,
    });
    expect((await log.head(session))?.floor).toBe('0-0');
    await write(log, body({ k: 'truncate', after: 'a' }));
    await first.readOn();
    expect(await storeView(log, session, first)).toMatchObject({
      replaced: body({ k: 'truncate', after: 'a' }).length,
    });
    const inner = createMemoryLog();
    await write(inner, entry);
    const full = changed(inner, { checkpoint: async () => 'full' });
    const view = new SessionView(session, full, limits);
    await view.readOn();
    expect(await storeView(full, session, view)).toBe('full');
    expect(view.end).toBe(1);
  });

  it('by one process, and by the others from there', async () => {
    const { log, view } = await filled(3);
    await view.readOn();
    await write(log, message('x'));
    await store(log);
    expect(await storeView(log, session, view)).toBe('stale');
    expect([view.position.epoch, view.end]).toEqual(['', 0]);
    await view.readOn();
    expect(await storeView(log, session, view)).toBe('nothing');
  });
});
