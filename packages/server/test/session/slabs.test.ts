import { expect, it } from 'vitest';
import { Slabs } from '../../src/session/slabs.ts';

const take = (slabs: Slabs, bytes: number) => slabs.take(bytes, (slab, at) => ({ slab, at }));

it('slabs double up to 16 KiB, and are small again when they were cleared', () => {
  const slabs = new Slabs();
  const all = Array.from({ length: 64 }, () => take(slabs, 1_000).slab);
  const lengths = [...new Set(all)].map(({ length }) => length);
  expect(lengths).toEqual([1_024, 2_048, 4_096, 8_192, 16_384, 16_384, 16_384, 16_384]);
  slabs.clear();
  const { slab, at } = take(slabs, 100);
  expect([slab.length, at]).toEqual([1_024, 0]);
});

it('a slab is used to its last byte, and what does not fit begins the next one', () => {
  const slabs = new Slabs();
  const [first, second, third, fourth] = [1_000, 24, 1, 3_000].map((bytes) => take(slabs, bytes));
  expect([first?.at, second?.at, third?.at, fourth?.at]).toEqual([0, 1_000, 0, 0]);
  expect([second, third].map((each) => each?.slab === first?.slab)).toEqual([true, false]);
  // It doubles, or is as large as what it is for.
  expect([third?.slab.length, fourth?.slab.length]).toEqual([2_048, 4_096]);
  expect(take(new Slabs(), 3_000).slab.length).toBe(3_000);
});

it('what is larger than a quarter of the largest has a slab of its own, and the others go on', () => {
  const slabs = new Slabs();
  const first = take(slabs, 10);
  const large = take(slabs, 4_097);
  expect([large.slab.length, large.at]).toEqual([4_097, 0]);
  const next = take(slabs, 10);
  expect([next.slab === first.slab, next.at]).toEqual([true, 10]);
  // A quarter has none.
  const quarters = Array.from({ length: 4 }, () => take(slabs, 4_096));
  expect(quarters[3]?.slab === quarters[2]?.slab).toBe(true);
  expect(quarters.map(({ at }) => at)).toEqual([0, 0, 0, 4_096]);
});
