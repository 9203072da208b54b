import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { Chunk } from '../src/entries.ts';
import { chunksBeyond, Fold, foldChunks, foldOf, isTransient, joinAdjacent } from '../src/fold.ts';
import { reducers } from './support/reducers.ts';
import { cutChunks, validChunks } from './support/valid-chunks.ts';

// Many runs on a busy machine; nothing here waits.
vi.setConfig({ testTimeout: 60_000 });

/** Merges as a writer does that only ever sees the chunk before. */
function joinAll(chunks: readonly Chunk[]): Chunk[] {
  const joined: Chunk[] = [];
  for (const chunk of chunks) {
    const before = joined.at(-1);
    const both = before ? joinAdjacent(before, chunk) : null;
    if (both) joined[joined.length - 1] = both;
    else joined.push(chunk);
  }
  return joined;
}

describe.each(reducers)('with the reducer of ai $sdk', ({ sdk, reduce }) => {
  const options = { acrossSteps: sdk >= 7 };

  test('a list and its fold give the same message (HF-FOLD-1)', async () => {
    await fc.assert(
      fc.asyncProperty(validChunks(options), async (chunks) => {
        expect(await reduce(foldChunks(chunks))).toStrictEqual(await reduce(chunks));
      }),
      { numRuns: 300 },
    );
  });

  test('so do a list and its fold that was sealed anywhere, and was stored since (HF-FOLD-1)', async () => {
    const sealed = fc.tuple(validChunks(options), fc.nat(), fc.nat());
    await fc.assert(
      fc.asyncProperty(sealed, async ([chunks, seal, store]) => {
        let fold = new Fold();
        for (const [at, chunk] of chunks.entries()) {
          if (at === seal % chunks.length) fold.seal();
          if (at === store % chunks.length)
            fold = foldOf({ chunks: fold.chunks, sealed: fold.sealedCount });
          fold.push(chunk);
        }
        expect(await reduce(fold.chunks)).toStrictEqual(await reduce(chunks));
        const kept = foldChunks(chunks.slice(0, seal % chunks.length));
        expect(fold.sealed.chunks).toEqual(kept);
      }),
      { numRuns: 200 },
    );
  });

  test('joining adjacent deltas keeps the message (HF-FOLD-1)', async () => {
    await fc.assert(
      fc.asyncProperty(validChunks(options), async (chunks) => {
        expect(await reduce(joinAll(chunks))).toStrictEqual(await reduce(chunks));
      }),
      { numRuns: 200 },
    );
  });

  test('a reader goes on from a shorter list with what is beyond its fold (HF-FOLD-2)', async () => {
    await fc.assert(
      fc.asyncProperty(cutChunks(options), async ([xs, ys]) => {
        const seen = foldChunks(xs);
        const beyond = chunksBeyond(seen, foldChunks([...xs, ...ys]));
        expect(beyond).not.toBeNull();
        const whole = await reduce([...xs, ...ys]);
        expect(await reduce([...xs, ...(beyond ?? [])])).toStrictEqual(whole);
        expect(await reduce([...seen, ...(beyond ?? [])])).toStrictEqual(whole);
      }),
      { numRuns: 300 },
    );
  });
});

const anyList = validChunks({ acrossSteps: true });

test('the fold of a longer list starts with the fold of a shorter one, element by element (HF-FOLD-2)', () => {
  fc.assert(
    fc.property(cutChunks({ acrossSteps: true }), ([xs, ys]) => {
      const seen = foldChunks(xs);
      const whole = foldChunks([...xs, ...ys]);
      expect(whole.slice(0, seen.length).map((chunk) => chunk.type)).toEqual(
        seen.map((chunk) => chunk.type),
      );
    }),
  );
});

test('nothing is beyond a fold for a reader that has seen all of it (HF-FOLD-2)', () => {
  fc.assert(
    fc.property(anyList, (chunks) => {
      expect(chunksBeyond(foldChunks(chunks), foldChunks(chunks))).toEqual([]);
    }),
  );
});

test('folding a fold changes nothing (HF-FOLD-1)', () => {
  fc.assert(
    fc.property(anyList, (chunks) => {
      const once = foldChunks(chunks);
      expect(foldChunks(once)).toEqual(once);
    }),
  );
});

test('a fold has no transient data and is no longer than its list (HF-FOLD-3)', () => {
  fc.assert(
    fc.property(anyList, (chunks) => {
      const folded = foldChunks(chunks);
      expect(folded.some(isTransient)).toBe(false);
      expect(folded.length).toBeLessThanOrEqual(chunks.length);
    }),
  );
});

test('folding leaves the chunks that it is given as they were', () => {
  fc.assert(
    fc.property(anyList, (chunks) => {
      const before = structuredClone(chunks);
      const fold = new Fold();
      for (const chunk of chunks) fold.push(chunk);
      expect(chunks).toEqual(before);
    }),
  );
});
