import { createMemoryLog, type SessionLog } from '@holdfast/log';
import type { Entry } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import { SessionView } from '../../src/session/view.ts';
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

describe('a view that another process’s checkpoint overtakes', () => {
  it('begins anew from what is stored', async () => {
    const inner = createMemoryLog();
    await write(inner, ...names(6).map(message));
    await store(inner);
    const view = new SessionView(session, inner, limits);
    await view.readOn();
    await write(inner, message('x'));
    await store(inner);
    await write(inner, body({ k: 'truncate', after: 'm1' }), message('y'));
    await view.readOn();
    expect(await shownBy(view)).toEqual(['m0', 'm1', 'y']);
  });

  it('gives up when that goes on for ever', async () => {
    const inner = createMemoryLog();
    await write(inner, ...names(9).map(message));
    await store(inner);
    let opened = 0;
    // What is found is always of another checkpoint than what was opened.
    const log = changed(inner, {
      open: (...given) => {
        opened++;
        return inner.open(...given);
      },
      find: async (...given) => {
        const found = await inner.find(...given);
        return found && { ...found, checkpoint: `9999-${opened}` };
      },
    });
    await write(inner, body({ k: 'truncate', after: 'm1' }));
    const view = new SessionView(session, log, limits);
    await expect(view.readOn()).rejects.toMatchObject({ code: 'unavailable' });
    expect(opened).toBe(5);
  });

  it('begins anew where a session was made of messages behind its checkpoint', async () => {
    const log = createMemoryLog();
    await log.seed(session, {
      items: [{ key: 'm0', body: JSON.stringify({ id: 'm0', message: userMessage('m0', 'm0') }) }],
      entry: { nonce: 1, body: body({ k: 'seed', count: 1 }) },
    });
    const { epoch = '' } = (await log.head(session)) ?? {};
    const view = new SessionView(session, log, limits);
    view.begin(epoch);
    // The entries alone would show nothing.
    await view.readOn();
    expect(await shownBy(view)).toEqual(['m0']);
    await write(log, message('b'));
    await view.readOn();
    expect(await shownBy(view)).toEqual(['m0', 'b']);
  });

  it('is missing when the session is, and known again when it comes', async () => {
    const log = createMemoryLog();
    const view = new SessionView(session, log, limits);
    await view.readOn();
    expect(view.position).toEqual({ epoch: '', id: '0-0' });
    expect(await view.draft()).toBeNull();
    await write(log, message('a'));
    await view.readOn();
    await log.delete(session);
    await view.readOn();
    expect(view.position.epoch).toBe('');
    expect(view.end).toBe(0);
    await write(log, message('b'));
    await view.readOn();
    expect(await shownBy(view)).toEqual(['b']);
  });
});

describe('HF-LOG-18: what is stored', () => {
  const chunks = (c: readonly object[]): Entry =>
    ({ k: 'chunks', run: 'r', attempt: 1, c }) as Entry;
  const run = { run: 'r', attempt: 1, agent: 'a', messageId: 'm', command: 'c' };
  const apply = (view: SessionView, log: SessionLog, ...bodies: readonly string[]) =>
    write(log, ...bodies).then(() => view.readOn());

  it('is what has changed since, and nothing when nothing has', async () => {
    const log = createMemoryLog();
    const view = new SessionView(session, log, limits);
    await apply(view, log, message('a'), message('b'));
    const first = await view.draft();
    expect(first?.command).toMatchObject({ from: '0-0', count: 2, keep: 2 });
    expect(first?.command.changes.map(({ at, key }) => [at, key])).toEqual([
      [0, 'a'],
      [1, 'b'],
    ]);
    first?.done();
    expect(await view.draft()).toBeNull();
    await apply(view, log, body({ k: 'run-start', ...run }));
    await apply(view, log, JSON.stringify(chunks([{ type: 'start' }])));
    const second = await view.draft();
    expect(second?.command).toMatchObject({ from: first?.command.through, count: 3, keep: 2 });
    expect(second?.command.changes.map(({ at, key }) => [at, key])).toEqual([[2, 'm']]);
    second?.done();
    expect(view.base.stored).toEqual({ count: 3, keep: 2 });
    expect(view.base.checkpoint).toBe(await topOf(log));
    await apply(view, log, body({ k: 'future' }));
    expect((await view.draft())?.command.changes).toEqual([]);
  });

  it('of a session’s state comes only when it has changed', async () => {
    const log = createMemoryLog();
    const view = new SessionView(session, log, limits);
    await apply(view, log, body({ k: 'handoff', to: { id: 'o', role: 'operator' } }));
    const first = await view.draft();
    expect(first?.command.state).toContain('operator');
    first?.done();
    await apply(view, log, message('a'));
    expect((await view.draft())?.command).not.toHaveProperty('state');
  });

  it('is forgotten here a page at a time', async () => {
    const log = createMemoryLog();
    const view = new SessionView(session, log, limits);
    await apply(view, log, ...names(5).map(message));
    (await view.draft())?.done();
    expect([view.start, view.end]).toEqual([0, 5]);
    await apply(view, log, message('m5'));
    (await view.draft())?.done();
    expect([view.start, view.end]).toEqual([3, 6]);
  });
});
