import type { Chunk } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import { Batch } from '../../src/runs/batch.ts';

const said = (id: string, delta: string): Chunk => ({ type: 'text-delta', id, delta });
const typed = (toolCallId: string, inputTextDelta: string): Chunk => ({
  ...{ type: 'tool-input-delta', toolCallId },
  inputTextDelta,
});
/** Takes a quarter of an entry's bytes at once, and joins up to an eighth. */
const batchOf = (entryBytes: number, ...chunks: readonly Chunk[]): Batch => {
  const batch = new Batch(entryBytes);
  for (const chunk of chunks) batch.push(chunk);
  return batch;
};
const everything = Number.POSITIVE_INFINITY;
const entryBytes = 262_144;

describe('HF-RUN-8: a batch', () => {
  it('joins a delta to the one before it of the same part, and to no other', () => {
    const batch = batchOf(
      everything,
      said('a', '1'),
      said('a', '2'),
      said('b', '3'),
      said('a', '4'),
    );
    batch.push(typed('c', '5'));
    batch.push(typed('c', '6'));
    expect(batch.take()).toEqual([
      said('a', '12'),
      said('b', '3'),
      said('a', '4'),
      typed('c', '56'),
    ]);
    expect(batch.take()).toEqual([]);
    expect([batch.empty, batch.size]).toEqual([true, 0]);
  });

  it('joins deltas for as long as both are under an eighth of an entry', () => {
    const [one, other] = ['x'.repeat(8_000), 'y'.repeat(8_335)];
    expect(batchOf(entryBytes, said('a', one), said('a', other)).take()).toHaveLength(1);
    expect(batchOf(entryBytes, said('a', one), said('a', `${other}z`)).take()).toHaveLength(2);
  });

  it('measures deltas by their texts, once however many are joined, and all else by its JSON', () => {
    const finish = { type: 'finish' };
    const batch = batchOf(
      everything,
      said('a', 'four'),
      said('a', 'four'),
      typed('c', 'ab'),
      finish,
    );
    expect(batch.empty).toBe(false);
    expect(batch.size).toBe(48 + 2 * 8 + 48 + 2 * 2 + 48 + JSON.stringify(finish).length);
  });

  it('measures what a provider notes on deltas too, once where they are joined', () => {
    const noted = (id: string, signature: string) => ({
      ...said(id, 'four'),
      providerMetadata: { signature },
    });
    const [note, long] = ['s'.repeat(1_000), 's'.repeat(9_000)];
    const size = 48 + JSON.stringify({ signature: note }).length;
    const batch = batchOf(entryBytes, noted('a', note), noted('a', note), said('a', 'four'));
    expect(batch.size).toBe(size + 3 * 8);
    expect(batch.take()).toEqual([{ ...noted('a', note), delta: 'fourfourfour' }]);
    expect(batch.size).toBe(0);
    const apart = Array.from({ length: 100 }, (_, at) => noted(`${at}`, long));
    expect(batchOf(entryBytes, ...apart).take()).toHaveLength(7);
  });
});

describe('what is taken of a batch', () => {
  /** Each of 50 bytes. */
  const words = ['a', 'b', 'c', 'd'].map((id) => said(id, id));

  it.each([
    { bytes: 0, count: 1 },
    { bytes: 49, count: 1 },
    { bytes: 99, count: 1 },
    { bytes: 100, count: 2 },
    { bytes: 149, count: 2 },
    { bytes: 150, count: 3 },
    { bytes: 200, count: 4 },
  ])('is its front: $count of 50 bytes for $bytes', ({ bytes, count }) => {
    const batch = batchOf(bytes * 4, ...words);
    expect(batch.take()).toEqual(words.slice(0, count));
    expect(batch.size).toBe(50 * (4 - count));
    expect(batch.empty).toBe(count === 4);
    const rest: Chunk[] = [];
    while (!batch.empty) rest.push(...batch.take());
    expect(rest).toEqual(words.slice(count));
  });

  it('is one chunk at least, however large, and then the next', () => {
    const large = said('a', 'x'.repeat(500));
    const batch = batchOf(400, large, said('b', 'b'));
    expect(batch.take()).toEqual([large]);
    expect(batch.size).toBe(50);
    expect(batch.take()).toEqual([said('b', 'b')]);
  });
});
