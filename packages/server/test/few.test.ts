import { expect, it } from 'vitest';
import { Few } from '../src/few.ts';

const names = (few: Few<{ name: string }>): string[] => [...few].map(({ name }) => name);
const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ name })) as [
  { name: string },
  { name: string },
  { name: string },
];

it('has each member once, in the order in which they came', () => {
  const few = new Few<{ name: string }>();
  expect([few.size, names(few)]).toEqual([0, []]);
  few.add(a);
  few.add(a);
  expect([few.size, names(few), few.has(a), few.has(b)]).toEqual([1, ['a'], true, false]);
  few.add(b);
  few.add(c);
  few.add(b);
  expect([few.size, names(few), few.has(a), few.has(c)]).toEqual([3, ['a', 'b', 'c'], true, true]);
});

it('takes off its only member, and each of several', () => {
  const few = new Few<{ name: string }>();
  few.add(a);
  few.delete(b);
  expect(names(few)).toEqual(['a']);
  few.delete(a);
  expect([few.size, few.has(a)]).toEqual([0, false]);
  for (const each of [a, b]) few.add(each);
  few.delete(a);
  expect([few.size, names(few), few.has(a), few.has(b)]).toEqual([1, ['b'], false, true]);
  few.delete(b);
  expect([few.size, names(few)]).toEqual([0, []]);
  few.add(c);
  expect(names(few)).toEqual(['c']);
});

it('is empty behind clearing, whether it had one or several', () => {
  for (const members of [[a], [a, b]]) {
    const few = new Few<{ name: string }>();
    for (const each of members) few.add(each);
    few.clear();
    expect([few.size, names(few), few.has(a)]).toEqual([0, [], false]);
  }
});

it('is gone through as it was, whoever comes or goes meanwhile', () => {
  const few = new Few<{ name: string }>();
  for (const each of [a, b]) few.add(each);
  const seen: string[] = [];
  for (const { name } of few) {
    few.delete(b);
    few.add(c);
    seen.push(name);
  }
  expect([seen, names(few)]).toEqual([
    ['a', 'b'],
    ['a', 'c'],
  ]);
});
