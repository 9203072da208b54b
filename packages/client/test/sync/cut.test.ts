import { replacePiece } from '@holdfast/protocol';
import { SessionProjection } from '@holdfast/protocol/projection';
import { expect, test } from 'vitest';
import { cutOf } from '../../src/sync/cut.ts';

const piece = { $holdfast: 'piece', sum: 1 };

/** A session of messages of so many chunks each, and how many of these were looked at since it was asked last. */
function counted(sizes: readonly number[]) {
  let looks = 0;
  const chunk = (delta?: unknown) => ({
    type: 'start-step',
    get delta() {
      looks++;
      return delta;
    },
  });
  const projection = new SessionProjection();
  const segments = (size: number) => [
    { run: null, chunks: Array.from({ length: size }, () => chunk()) },
  ];
  projection.load(
    sizes.map((size, at) => ({ id: `m${at}`, segments: segments(size) })),
    [],
  );
  const lookedAt = (ask: () => unknown): number => {
    looks = 0;
    ask();
    return looks;
  };
  const write = (messageId: string, delta?: unknown) =>
    projection.apply({ k: 'answer', messageId, chunks: [chunk(delta)] } as never);
  return { projection, write, lookedAt };
}

test('messages that have not changed are not looked through again for texts that are cut', () => {
  const { projection, write, lookedAt } = counted([50, 40, 3]);
  const look = () => cutOf(projection, []);
  expect(lookedAt(look)).toBe(93);
  expect(lookedAt(look)).toBe(0);
  write('m2');
  expect(lookedAt(look)).toBe(4);
  expect(lookedAt(look)).toBe(0);
});

test('a message is cut from when a piece of it is not here until all are', () => {
  const { projection, write } = counted([1, 1, 1]);
  expect(cutOf(projection, [])).toEqual([]);
  write('m1', piece);
  const cut = cutOf(projection, []);
  expect(cut).toEqual(['m1']);
  write('m0');
  expect(cutOf(projection, cut)).toBe(cut);
  const item = projection.item('m1');
  if (item?.kind !== 'assistant') throw new Error('m1 is gone');
  const [segment] = item.segments;
  if (segment) replacePiece(segment.fold, 1, { type: 'text-delta', id: 't', delta: 'Hello' });
  item.version++;
  expect(cutOf(projection, cut)).toEqual([]);
});
