import { expect, it } from 'vitest';
import { FewBy } from '../src/few-by.ts';

const of = (name: string) => ({ name });

function few(...names: readonly string[]): FewBy<string, { readonly name: string }> {
  const made = new FewBy<string, { readonly name: string }>();
  for (const name of names) made.set(name, of(name));
  return made;
}

type Made = ReturnType<typeof few>;
const keys = (made: Made): string[] => [...made].map(([key]) => key);
const names = (made: Made): string[] => made.values().map(({ name }) => name);
const some = (count: number) => Array.from({ length: count }, (_, at) => `s${at}`);

it.each([0, 1, 2, 3])('finds each of %i', (count) => {
  const made = few(...some(count));
  expect([made.size, keys(made), names(made)]).toEqual([count, some(count), some(count)]);
  for (const name of some(count)) expect(made.get(name)).toEqual({ name });
  expect(made.get('other')).toBeUndefined();
});

it.each([1, 2, 3])('takes off each of %i, and is as it was at first then', (count) => {
  const made = few(...some(count));
  expect(made.take('other')).toBeUndefined();
  for (const [at, name] of some(count).entries()) {
    expect(made.take(name)).toEqual({ name });
    expect(made.take(name)).toBeUndefined();
    expect(names(made)).toEqual(some(count).slice(at + 1));
  }
  expect(made.size).toBe(0);
  made.set('s0', of('s0'));
  expect(keys(made)).toEqual(['s0']);
});

it.each([1, 2])('has the newest of a key, in the place of the first, of %i', (count) => {
  const made = few(...some(count));
  made.set('s0', of('another'));
  expect([made.get('s0'), keys(made)]).toEqual([{ name: 'another' }, some(count)]);
});

it.each([1, 2])('has none behind clearing %i', (count) => {
  const made = few(...some(count));
  made.clear();
  expect([made.size, names(made), made.get('s0')]).toEqual([0, [], undefined]);
});

it('is gone through as it was, whoever comes or goes meanwhile', () => {
  const made = few('a', 'b');
  const seen: string[] = [];
  for (const [name] of made) {
    made.take('b');
    made.set('c', of('c'));
    seen.push(name);
  }
  expect([seen, keys(made)]).toEqual([
    ['a', 'b'],
    ['a', 'c'],
  ]);
});
