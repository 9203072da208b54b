import { createMemoryLog } from '@holdfast/log';
import { defaultLimits } from '@holdfast/protocol';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createCore } from '../../src/compose.ts';
import { changed } from '../support/logs.ts';
import { userMessage } from '../support/server.ts';

const checkpointBytes = 1_000;

/** A process, and how much must be new in a session until it stores that by itself. */
function processOn() {
  const inner = createMemoryLog();
  let cost = 0;
  const log = changed(inner, {
    checkpoint: async (session, command) => {
      cost = command.changes.reduce((sum, { body }) => sum + body.length, 0);
      return await inner.checkpoint(session, command);
    },
  });
  const { checkpointer, close } = createCore({
    log,
    authorize: () => ({ id: 'u' }),
    limits: { ...defaultLimits, checkpointBytes, lingerMs: 0 },
  });
  onTestFinished(close);
  let nonce = 0;
  const write = async (session: string, length: number) => {
    const message = userMessage(`m${String(++nonce).padStart(6, '0')}`, 'x'.repeat(length));
    const body = JSON.stringify({ k: 'message', message, at: 0 });
    await inner.send(session, { command: `c${nonce}`, entries: [{ nonce, body }] });
  };
  /** What a checkpoint of it writes. */
  const stored = async (session: string, length: number) => {
    await write(session, length);
    await checkpointer.store(session);
    return cost;
  };
  const isStoredAt = async (session: string, bytes: number) => {
    const store = vi.spyOn(checkpointer, 'store').mockResolvedValue();
    checkpointer.wrote(session, bytes - 1);
    const isEarly = store.mock.calls.length > 0;
    checkpointer.wrote(session, 1);
    const isStored = store.mock.calls.length === 1;
    store.mockRestore();
    // Counts from the start again; there is nothing to store.
    await checkpointer.store(session);
    return !isEarly && isStored;
  };
  return { checkpointer, stored, isStoredAt };
}

it.each<[length: number, neededFor: (cost: number) => number]>([
  [10, () => checkpointBytes],
  [1_500, (cost) => 4 * cost],
  [1_800, (cost) => 4 * cost],
  [2_500, () => 8 * checkpointBytes],
  [7_000, () => 8 * checkpointBytes],
  [20_000, (cost) => cost],
])(
  'HF-LOG-18: behind a checkpoint of some %d characters as much again has to be new, or a few times as much',
  async (length, neededFor) => {
    const { stored, isStoredAt } = processOn();
    const cost = await stored('s', length);
    expect(cost).toBeGreaterThan(length);
    expect(await isStoredAt('s', neededFor(cost))).toBe(true);
    expect(await isStoredAt('s', neededFor(cost))).toBe(true);
    // The next one is small, and so is what it takes behind that.
    expect(await stored('s', 1)).toBeLessThan(checkpointBytes);
    expect(await isStoredAt('s', checkpointBytes)).toBe(true);
  },
);

it('HF-LOG-18: a thousand sessions whose checkpoints are large are known of, and the others are as if theirs were small', async () => {
  const { stored, isStoredAt } = processOn();
  let cost = 0;
  for (let at = 0; at < 1_000; at++) cost = await stored(`s${at}`, 1_500);
  expect(await isStoredAt('s0', 4 * cost)).toBe(true);
  cost = await stored('s1000', 1_500);
  expect(await isStoredAt('s0', checkpointBytes)).toBe(true);
  expect(await isStoredAt('s1', 4 * cost)).toBe(true);
  // One that is large again is the newest.
  await stored('s1', 1_500);
  await stored('s1001', 1_500);
  expect(await isStoredAt('s2', checkpointBytes)).toBe(true);
  expect(await isStoredAt('s1', checkpointBytes)).toBe(false);
});

it('HF-LOG-18: of ten thousand sessions it is known how much was written, since the end of a run may come by another process', () => {
  const { checkpointer } = processOn();
  const store = vi.spyOn(checkpointer, 'store').mockResolvedValue();
  checkpointer.wrote('first', checkpointBytes - 1);
  for (let at = 0; at < 10_000; at++) checkpointer.wrote(`s${at}`, 1);
  checkpointer.wrote('first', 1);
  expect(store).not.toHaveBeenCalled();
  checkpointer.wrote('s9999', checkpointBytes - 1);
  expect(store.mock.calls).toEqual([['s9999']]);
});
