import { expect, it } from 'vitest';
import { splitDelta } from '../../src/runs/split-delta.ts';

it('HF-FILE-13: a long delta becomes several, cut between characters', () => {
  const delta = '😀x'.repeat(50_000);
  const split = splitDelta({ type: 'text-delta', id: 't', delta }, 262_144);
  expect(split.length).toBeGreaterThan(5);
  expect(split.map((chunk) => chunk.delta).join('')).toBe(delta);
  for (const { type, id, delta: part } of split) {
    expect([type, id]).toEqual(['text-delta', 't']);
    expect((part as string).isWellFormed()).toBe(true);
    expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThan(262_144 / 2);
  }
  const short = { type: 'text-delta', id: 't', delta: 'x' };
  expect(splitDelta(short, 262_144)).toEqual([short]);
  // Half a character that stands alone is no reason to go round for ever.
  const broken = '\ud83d'.repeat(40_000);
  const parts = splitDelta({ type: 'text-delta', id: 't', delta: broken }, 262_144);
  expect(parts.map((chunk) => chunk.delta).join('')).toBe(broken);
});
