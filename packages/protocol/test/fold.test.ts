import { describe, expect, test } from 'vitest';
import type { Chunk } from '../src/entries.ts';
import { chunksBeyond, Fold, foldChunks, foldOf, joinAdjacent } from '../src/fold.ts';

const text = (id: string, delta: string, extra: object = {}): Chunk => ({
  type: 'text-delta',
  id,
  delta,
  ...extra,
});

describe('what a fold merges', () => {
  test('deltas of two parts that come by turns become one delta each (HF-FOLD-1)', () => {
    const folded = foldChunks([
      { type: 'text-start', id: 'a' },
      { type: 'reasoning-start', id: 'a' },
      text('a', 'x'),
      { type: 'reasoning-delta', id: 'a', delta: '1' },
      text('a', 'y'),
      { type: 'reasoning-delta', id: 'a', delta: '2' },
    ]);
    expect(folded.slice(2)).toEqual([
      text('a', 'xy'),
      { type: 'reasoning-delta', id: 'a', delta: '12' },
    ]);
  });

  test('a later value of a data part stands where the first one stood (HF-FOLD-1)', () => {
    expect(
      foldChunks([
        { type: 'data-p', id: '1', data: 1, transient: false },
        { type: 'file', url: 'data:,x', mediaType: 'text/plain' },
        { type: 'data-p', id: '1', data: 2 },
        { type: 'data-p', id: '2', data: 3 },
      ]),
    ).toEqual([
      { type: 'data-p', id: '1', data: 2, transient: false },
      { type: 'file', url: 'data:,x', mediaType: 'text/plain' },
      { type: 'data-p', id: '2', data: 3 },
    ]);
  });

  test('a delta keeps the provider metadata that came last', () => {
    expect(
      foldChunks([
        text('a', 'x', { providerMetadata: { p: 1 } }),
        text('a', 'y', { providerMetadata: { p: 2 } }),
        text('a', 'z'),
      ]),
    ).toEqual([text('a', 'xyz', { providerMetadata: { p: 2 } })]);
  });

  // The time-out of the test is the only clock here: a fold that copied its text would not end.
  test('two hundred thousand deltas fold into two pieces (HF-FOLD-5)', () => {
    const deltas = Array.from({ length: 200_000 }, (_, at) => text('a', String(at % 10)));
    const lengths = foldChunks(deltas).map(({ delta }) => String(delta).length);
    expect(lengths).toEqual([131_072, 200_000 - 131_072]);
  });
});

describe('what a fold keeps apart', () => {
  test.each([
    'start',
    'start-step',
    'finish-step',
    'reset-step',
    'finish',
    'error',
    'abort',
    'hologram',
    'constructor',
    '__proto__',
  ])('deltas on the two sides of %s (HF-FOLD-4)', (type) => {
    const list = [text('a', 'x'), { type, delta: 'd' }, text('a', 'y')];
    expect(foldChunks(list)).toEqual(list);
  });

  test('deltas of two parts that had one id after each other', () => {
    const part = [{ type: 'text-start', id: 'a' }, text('a', 'x'), { type: 'text-end', id: 'a' }];
    expect(foldChunks([...part, ...part])).toEqual([...part, ...part]);
  });

  test('deltas with a member that is not known', () => {
    const list = [text('a', 'x', { tone: 'soft' }), text('a', 'y')];
    expect(foldChunks(list)).toEqual(list);
  });

  test('data parts whose kinds and ids only look alike when written in a row', () => {
    const list = [
      { type: 'data-a b', id: 'c', data: 1 },
      { type: 'data-a', id: 'b c', data: 2 },
    ];
    expect(foldChunks(list)).toEqual(list);
  });

  test('data parts without an id', () => {
    const list = [
      { type: 'data-a', data: 1 },
      { type: 'data-a', data: 2 },
    ];
    expect(foldChunks(list)).toEqual(list);
  });
});

test('a fold leaves transient data out (HF-FOLD-3)', () => {
  expect(
    foldChunks([
      { type: 'data-a', id: '1', data: 1, transient: true },
      { type: 'data-a', id: '1', data: 2 },
    ]),
  ).toEqual([{ type: 'data-a', id: '1', data: 2 }]);
});

describe('what is beyond a fold', () => {
  test('is the grown end of a delta and what came after it (HF-FOLD-2)', () => {
    const end = { type: 'text-end', id: 'a' };
    expect(chunksBeyond([text('a', 'Hel')], [text('a', 'Hello'), end])).toEqual([
      text('a', 'lo'),
      end,
    ]);
  });

  test('is provider metadata that came with an empty delta (HF-FOLD-2)', () => {
    const grown = text('a', 'x', { providerMetadata: { p: 1 } });
    expect(chunksBeyond([text('a', 'x')], [grown])).toEqual([
      text('a', '', { providerMetadata: { p: 1 } }),
    ]);
  });

  test.each<[string, Chunk[], Chunk[]]>([
    ['is shorter', [text('a', 'x'), text('b', 'y')], [text('a', 'x')]],
    ['has other text', [text('a', 'x')], [text('a', 'yx')]],
    ['has another part', [text('a', 'x')], [text('b', 'x')]],
    ['has another kind', [text('a', 'x')], [{ type: 'abort' }]],
    ['has another data part', [{ type: 'data-a', id: '1' }], [{ type: 'data-a', id: '2' }]],
    ['has another unknown chunk', [{ type: 'constructor', n: 1 }], [{ type: 'constructor', n: 2 }]],
  ])('cannot be told of a fold that %s', (_, seen, whole) => {
    expect(chunksBeyond(seen, whole)).toBeNull();
  });
});

test.each<[string, Chunk, Chunk]>([
  ['of two parts', text('a', 'x'), text('b', 'y')],
  ['of two kinds', text('a', 'x'), { type: 'reasoning-delta', id: 'a', delta: 'y' }],
  ['with a member that is not known', text('a', 'x'), text('a', 'y', { tone: 'soft' })],
  ['without text', text('a', 'x'), { type: 'text-delta', id: 'a' }],
])('adjacent deltas %s are not joined', (_, earlier, later) => {
  expect(joinAdjacent(earlier, later)).toBeNull();
});

describe('what is sealed', () => {
  const list = [{ type: 'text-start', id: 'a' }, text('a', 'x'), text('a', 'y'), text('a', 'z')];

  test('stays when another attempt begins, and what came behind it goes (HF-ENT-5)', () => {
    const fold = new Fold();
    for (const chunk of list.slice(0, 3)) fold.push(chunk);
    fold.seal();
    for (const chunk of list.slice(3)) fold.push(chunk);
    expect(fold.chunks).toEqual([list[0], text('a', 'xy'), text('a', 'z')]);
    expect(fold.sealed.chunks).toEqual([list[0], text('a', 'xy')]);
    fold.sealed.push(text('a', '!'));
    expect(fold.sealed.sealedCount).toBe(2);
    expect(new Fold().sealed.chunks).toEqual([]);
  });

  test.each([0, 1, 2])('is known again from what a fold was (%s sealed)', (sealed) => {
    const fold = foldOf({ chunks: [list[0] as Chunk, text('a', 'xy'), text('a', 'z')], sealed });
    fold.push(text('a', '!'));
    expect(fold.sealedCount).toBe(sealed);
    expect(fold.sealed.chunks).toEqual([list[0], text('a', 'xy')].slice(0, sealed));
    expect(fold.chunks.map(({ delta = '' }) => delta).join('')).toBe('xyz!');
  });
});
