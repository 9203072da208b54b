import { createMemoryLog } from '@holdfast/log';
import { describe, expect, it, vi } from 'vitest';
import { replayFrom } from '../../src/gateway/replay.ts';
import { LogCursor } from '../../src/session/cursor.ts';

const session = 's';

/** A log of so many entries of ten characters, and what a replay behind the first one gives. */
async function replayed(count: number, replayBytes: number) {
  const log = createMemoryLog();
  for (let at = 0; at < count; at++)
    await log.send(session, { command: `c${at}`, entries: [{ nonce: 1, body: '{"k":"n_"}' }] });
  const all = await log.read(session, { after: null, limit: 1 });
  if (all.kind !== 'entries') throw new Error(all.kind);
  const [first] = all.entries;
  const at = { epoch: all.epoch, id: first?.id ?? '' };
  const hub = { session, position: at, bytes: 0, framesAfter: () => null, listen: () => () => {} };
  const read = vi.spyOn(log, 'read');
  const replay = await replayFrom(new LogCursor(hub, log, at), { replayBytes });
  return { replay, reads: read.mock.calls.length };
}

describe('HF-SUB-2: a replay', () => {
  it.each([
    [1, 1],
    [2, 1],
    [201, 1],
    [202, 2],
    [600, 3],
  ])('of a session of %i entries is whole, and is read %i times', async (count, times) => {
    const { replay, reads } = await replayed(count, 10 * (count - 1));
    if (replay?.kind !== 'entries') throw new Error('no replay');
    expect(replay.entries).toHaveLength(count - 1);
    expect(reads).toBe(times);
    const last = replay.entries.at(-1);
    if (last) expect(last.id).toBe(replay.top);
  });

  it('is none where it would be larger, which is known before all is read', async () => {
    for (const [count, bytes, times] of [
      [600, 5_989, 3],
      [600, 3_000, 2],
      [600, 100, 1],
      [2, 9, 1],
    ] as const)
      expect(await replayed(count, bytes)).toEqual({ replay: null, reads: times });
  });
});
