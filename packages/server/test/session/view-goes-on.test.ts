import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { describe, expect, it } from 'vitest';
import { idAt } from '../../src/session/page.ts';
import { SessionView } from '../../src/session/view.ts';
import { askedView } from '../support/asked-view.ts';
import { changed } from '../support/logs.ts';
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

const others = (count: number): string[] => names(count).map((id) => `other ${id}`);

/** A log that has stored so many messages, and a view of it that has been read. */
async function stored(count: number) {
  const log = createMemoryLog();
  await write(log, ...names(count).map(message));
  await store(log);
  const made = askedView(log);
  await made.view.readOn();
  made.asked();
  return { log, ...made };
}

it('nothing is held before the first read', () => {
  const view = new SessionView(session, createMemoryLog(), limits);
  expect([view.start, view.end, view.pageStart]).toEqual([0, 0, 0]);
  expect(view.position).toEqual({ epoch: '', id: '0-0' });
});

describe('entries behind a view are read', () => {
  it.each([
    { more: 500, reads: 1 },
    { more: 501, reads: 2 },
  ])('$reads times where they are $more', async ({ more, reads }) => {
    const { log, view, asked } = await stored(1);
    await write(log, ...others(more).map(message));
    await view.readOn();
    expect(asked()).toEqual(Array.from({ length: reads }, () => 'read'));
    expect(view.end).toBe(1 + more);
  });

  it('to the top also where a read gives one at a time', async () => {
    const inner = createMemoryLog();
    const log = changed(inner, {
      read: (name, request) => inner.read(name, { ...request, limit: 1 }),
    });
    await write(inner, message('m0'));
    const view = new SessionView(session, log, limits);
    await view.readOn();
    await write(inner, ...others(3).map(message));
    await view.readOn();
    expect(await shownBy(view)).toEqual(['m0', ...others(3)]);
    expect(view.position.id).toBe(await topOf(inner));
  });

  it('and no older message is looked for where all are held', async () => {
    const log = createMemoryLog();
    await write(log, message('m0'));
    const { view, asked } = askedView(log);
    await view.readOn();
    asked();
    await write(log, body({ k: 'truncate', after: 'unknown' }), message('x'));
    await view.readOn();
    expect(asked()).toEqual(['read']);
  });

  it('a beginning that stands in front, with nothing stored, is passed over', async () => {
    const log = createMemoryLog();
    await write(log, body({ k: 'seed', count: 3 }), message('x'));
    const { view, skipped, asked } = askedView(log);
    await view.readOn();
    expect(await shownBy(view)).toEqual(['x']);
    expect(skipped).toHaveLength(1);
    expect(asked()).toEqual(['open']);
  });
});

describe('where another process stores more while a view reads', () => {
  /** The same log, of which the first `times` looks for a message find another checkpoint. */
  const unsteady = (inner: SessionLog, times: number) => {
    let left = times;
    return changed(inner, {
      find: async (...given) => {
        const found = await inner.find(...given);
        return found && left-- > 0 ? { ...found, checkpoint: '9999-1' } : found;
      },
    });
  };

  it('it begins anew at once', async () => {
    const { log } = await stored(6);
    await write(log, body({ k: 'truncate', after: 'm1' }), message('y'));
    const { view, asked } = askedView(unsteady(log, 1));
    await view.readOn();
    expect(asked()).toEqual(['open', 'find', 'open', 'find', 'items']);
    expect(await shownBy(view)).toEqual(['m0', 'm1', 'y']);
  });

  it('an older message is reached behind what came', async () => {
    const { log, view } = await stored(10);
    await write(log, message('x'));
    await store(log);
    expect(await view.reach('m2')).toBe(true);
    expect(await shownBy(view)).toEqual([...names(10), 'x']);
    expect(view.position.id).toBe(await topOf(log));
  });

  it('an older message is looked for five times, and no longer', async () => {
    const { log } = await stored(10);
    const { view, asked } = askedView(unsteady(log, Number.POSITIVE_INFINITY));
    await view.readOn();
    asked();
    await expect(view.reach('m2')).rejects.toMatchObject({ code: 'unavailable' });
    expect(asked().filter((what) => what === 'find')).toHaveLength(5);
    const { view: patient } = askedView(unsteady(log, 4));
    await patient.readOn();
    expect(await patient.reach('m2')).toBe(true);
  });
});

it('HF-LOG-18: older messages that were read are not stored again', async () => {
  const { log, view } = await stored(10);
  await view.reach('m0');
  expect(view.start).toBe(0);
  await write(log, message('x'));
  await view.readOn();
  const { command } = (await view.draft()) ?? {};
  expect(command?.changes.map(({ at, key }) => [at, key])).toEqual([[10, 'x']]);
  expect(command?.count).toBe(11);
});

it('an older message than those held is one at a place in front of them', async () => {
  const { view } = await stored(10);
  expect(view.start).toBe(7);
  expect([await view.hasOlder('m6'), await view.hasOlder('m7')]).toEqual([true, false]);
});

it('the id at a place takes one message of the log', async () => {
  const { log } = await stored(10);
  let read = 0;
  const counted = changed(log, {
    items: async (...given) => {
      const found = await log.items(...given);
      read += found?.items.length ?? 0;
      return found;
    },
  });
  const view = new SessionView(session, counted, limits);
  await view.readOn();
  expect([await idAt(view, 4), await idAt(view, 7), await idAt(view, 10)]).toEqual([
    'm4',
    'm7',
    undefined,
  ]);
  expect(read).toBe(1);
});

it('a snapshot begins with an open answer that a session begins with', async () => {
  const log = createMemoryLog();
  await write(
    log,
    body({ k: 'run-start', run: 'r', attempt: 1, agent: 'a', messageId: 'answer' }),
    ...names(9).map(message),
  );
  const view = new SessionView(session, log, limits);
  await view.readOn();
  expect([view.pageStart, view.end]).toEqual([0, 10]);
});

it('HF-POS-6: after a reset no prompt of before is given', async () => {
  const { log, view } = await stored(10);
  view.awaited.await('r');
  const start = { k: 'run-start', run: 'r', attempt: 1, agent: 'a', messageId: 'answer' };
  await write(log, body(start));
  await view.readOn();
  expect(
    view.awaited
      .take('r')
      ?.messages()
      .map(({ id }) => id),
  ).toEqual(names(10));
  await log.delete(session);
  await write(log, ...others(10).map(message));
  await store(log);
  view.reset();
  expect(view.awaited.take('r')).toBeNull();
  await view.readOn();
  expect((await view.prompt()).messages().map(({ id }) => id)).toEqual(others(10));
});
