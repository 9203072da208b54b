import fc from 'fast-check';
import { describe, expect, it, test, vi } from 'vitest';
import type { Chunk } from '../src/entries.ts';
import { chunksBeyond, Fold, foldOf, replacePiece } from '../src/fold.ts';
import { isSamePiece, isTextReference, sumOf, unseenIn } from '../src/text-references.ts';
import { reducers } from './support/reducers.ts';
import { cutChunks } from './support/valid-chunks.ts';

// Many runs on a busy machine; nothing here waits.
vi.setConfig({ testTimeout: 60_000 });

const delta = (text: string, more: object = {}): Chunk => ({
  type: 'text-delta',
  id: 't',
  delta: text,
  ...more,
});
const folded = (chunks: readonly Chunk[], length: number): Fold => {
  const fold = new Fold(length);
  for (const chunk of chunks) fold.push(chunk);
  return fold;
};

/** References in the place of some pieces, and their texts. */
function referring(fold: Fold, which: (at: number) => boolean): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const at of fold.pieces.filter(which)) {
    const piece = fold.chunks[at] as Chunk;
    const $holdfast = `${texts.size}`;
    texts.set($holdfast, String(piece.delta));
    replacePiece(fold, at, { ...piece, delta: { $holdfast, bytes: 0, sum: sumOf(piece.delta) } });
  }
  return texts;
}

const filled = (chunk: Chunk, texts: ReadonlyMap<string, string>): Chunk =>
  isTextReference(chunk.delta)
    ? { ...chunk, delta: texts.get(chunk.delta.$holdfast) as string }
    : chunk;

describe('HF-FOLD-5: a long text', () => {
  it('becomes pieces, of which all but the last stay as they are', () => {
    const fold = folded([delta('ab'), delta('c'), delta('d'), delta('efg'), delta('h')], 3);
    expect(fold.chunks).toEqual([delta('abc'), delta('defg'), delta('h')]);
    expect(fold.pieces).toEqual([0, 1]);
  });

  it('is one text while it is shorter, and what is no text always is', () => {
    expect(folded([delta('ab'), delta('c')], 4).chunks).toEqual([delta('abc')]);
    const input = (inputTextDelta: string) => ({
      ...{ type: 'tool-input-delta', toolCallId: 'c', inputTextDelta },
    });
    const fold = folded([input('abc'), input('d')], 3);
    expect(fold.chunks).toEqual([input('abcd')]);
    expect(fold.pieces).toEqual([]);
  });

  it('has a piece no more once a reference stands in its place, and goes on behind it', () => {
    const fold = folded([delta('abc'), delta('def'), delta('g')], 3);
    const reference = { $holdfast: 'x', bytes: 5, sum: 1 };
    replacePiece(fold, 0, delta('', { delta: reference }));
    expect(fold.pieces).toEqual([1]);
    fold.push(delta('h'));
    expect(fold.chunks.map((chunk) => chunk.delta)).toEqual([reference, 'def', 'gh']);
    expect(foldOf({ chunks: fold.chunks }, 3)).toMatchObject({
      ...{ chunks: fold.chunks, pieces: [1] },
    });
  });

  it('is known by its sum, and another one has another', () => {
    const texts = ['', 'a', 'b', 'ab', 'ba', 'a\u0000', '\u0000a', 'ü'];
    expect(new Set(texts.map(sumOf)).size).toBe(texts.length);
    for (const text of texts) expect(Number.isSafeInteger(sumOf(text))).toBe(true);
    expect(sumOf({ $holdfast: 'x', bytes: 1, sum: 7 })).toBe(7);
    expect(sumOf(undefined)).toBeUndefined();
  });

  it('of which a reader saw another piece is not gone on with', () => {
    const whole = [delta('', { delta: { $holdfast: 'x', bytes: 5, sum: sumOf('abc') } })];
    expect(chunksBeyond([delta('abc')], [...whole, delta('d')], isSamePiece)).toEqual([delta('d')]);
    expect(chunksBeyond([delta('abx')], [...whole, delta('d')], isSamePiece)).toBeNull();
    expect(chunksBeyond([delta('abc', { id: 'u' })], whole, isSamePiece)).toBeNull();
    expect(unseenIn([delta('ab')], whole)).toEqual([0]);
    expect(unseenIn([], whole)).toEqual([0]);
    expect(unseenIn([delta('abc')], whole)).toEqual([]);
  });
});

describe.each(reducers)('with the reducer of ai $sdk', ({ sdk, reduce }) => {
  test('pieces of any length give the same message, also with references filled (HF-FOLD-5, HF-FOLD-1)', async () => {
    const cut = cutChunks({ acrossSteps: sdk >= 7 });
    await fc.assert(
      fc.asyncProperty(
        cut,
        fc.integer({ min: 1, max: 6 }),
        fc.nat(),
        async ([xs, ys], length, odd) => {
          const message = await reduce([...xs, ...ys]);
          const first = folded(xs, length);
          const texts = referring(first, (at) => (at + odd) % 3 > 0);
          const stored = foldOf({ chunks: first.chunks }, length);
          for (const chunk of ys) stored.push(chunk);
          const all = stored.chunks.map((chunk) => filled(chunk, texts));
          expect(all).toEqual(folded([...xs, ...ys], length).chunks);
          expect(await reduce(all)).toStrictEqual(message);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('a reader goes on from any of its pieces, whatever stands for them (HF-FOLD-5, HF-FOLD-2)', async () => {
    const cut = cutChunks({ acrossSteps: sdk >= 7 });
    await fc.assert(
      fc.asyncProperty(
        cut,
        fc.integer({ min: 1, max: 6 }),
        fc.nat(),
        async ([xs, ys], length, odd) => {
          const seen = folded(xs, length);
          referring(seen, (at) => (at + odd) % 2 > 0);
          const fold = folded([...xs, ...ys], length);
          const texts = referring(fold, (at) => (at + odd) % 3 > 0);
          const whole = [...fold.chunks];
          for (const at of unseenIn(seen.chunks, whole))
            whole[at] = filled(whole[at] as Chunk, texts);
          const beyond = chunksBeyond(seen.chunks, whole, isSamePiece);
          expect(beyond).not.toBeNull();
          const rest = beyond?.map((chunk) => filled(chunk, texts)) ?? [];
          expect(await reduce([...xs, ...rest])).toStrictEqual(await reduce([...xs, ...ys]));
        },
      ),
      { numRuns: 100 },
    );
  });
});
