import { expect, test } from 'vitest';
import { percentile } from '../src/stats.ts';
import { ageOf, checkWords, stamp, textOf, tokenLength, word } from '../src/tokens.ts';

test('a stamp tells its age, also over the end of its range', () => {
  const range = 36 ** 6;
  for (const made of [0, 1, 123_456_789, range - 5, range + 7]) {
    expect(stamp(made)).toHaveLength(tokenLength);
    expect(ageOf(stamp(made), made + 42)).toBe(42);
  }
});

test('text that is not whole stamps is refused', () => {
  expect(() => ageOf('abc', 0)).toThrow('damaged');
  expect(() => ageOf('?????? ', 0)).toThrow('damaged');
});

test('words are told from damaged ones at any offset and length', () => {
  const text = textOf(500);
  expect(text).toBe(Array.from({ length: 500 }, (_, at) => word(at)).join(''));
  expect(text).toHaveLength(500 * tokenLength);
  for (const [from, to] of [
    [0, 7],
    [3, 3_000],
    [700, 701],
  ] as const) {
    expect(() => checkWords(text.slice(from, to), from)).not.toThrow();
    expect(() => checkWords(text.slice(from, to), from + 7)).toThrow('damaged');
  }
});

test('percentiles lie between the values', () => {
  expect(percentile([3, 1, 2], 0.5)).toBe(2);
  expect(percentile([1, 2], 0.5)).toBe(1.5);
  expect(percentile([5], 0.99)).toBe(5);
  expect(() => percentile([], 0.5)).toThrow();
});
