import { createMemoryLog } from '@holdfast/log';
import { describe, expect, it } from 'vitest';
import { newestOf, olderThan } from '../../src/session/history.ts';
import { digestOf, formatCursor, parseCursor } from '../../src/session/page-cursor.ts';
import { names, processOn, session, write } from '../support/hub.ts';

describe('HF-HTTP-35: a cursor', () => {
  it('says which message stood where', () => {
    const text = formatCursor('E-1_x', 123_456_789, 'any id: ü');
    expect(parseCursor(text)).toEqual({
      epoch: 'E-1_x',
      place: 123_456_789,
      digest: digestOf('any id: ü'),
    });
    expect(digestOf('a')).not.toBe(digestOf('b'));
    expect(digestOf('a')).toHaveLength(8);
  });

  it.each([
    '',
    ':1-aaaaaaaa',
    'E:-aaaaaaaa',
    'E:1-',
    'E:1-aaaaaaa',
    'E:x-aaaaaaaa',
    'E:1-aaaaaaaaa',
    'E 1',
  ])('is none: %j', (text) => {
    expect(() => parseCursor(text)).toThrow(expect.objectContaining({ code: 'bad_request' }));
  });

  it('leads to what is older, page by page, and nowhere from another session or place', async () => {
    const log = createMemoryLog();
    await write(log, ...names(7));
    const { hub } = await processOn(log, { pageMessages: 3 }).hubs.acquire(session);
    const newest = await newestOf(hub, 3);
    expect(newest.messages.map(({ id }) => id)).toEqual(['m4', 'm5', 'm6']);
    const older = await olderThan(hub, newest.before ?? '', 3);
    expect(older.messages.map(({ id }) => id)).toEqual(['m1', 'm2', 'm3']);
    const oldest = await olderThan(hub, older.before ?? '', 3);
    expect(oldest).toMatchObject({ messages: [{ id: 'm0' }], before: null });
    const { epoch } = newest.position;
    await expect(olderThan(hub, formatCursor('other', 3, 'm3'), 3)).rejects.toMatchObject({
      code: 'bad_request',
    });
    for (const [place, id] of [
      [3, 'm4'],
      [9, 'm9'],
    ] as const)
      await expect(olderThan(hub, formatCursor(epoch, place, id), 3)).rejects.toMatchObject({
        code: 'conflict',
      });
  });
});
