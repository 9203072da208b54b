import { expect, test } from 'vitest';
import { portionsOf } from '../lib/portions.ts';
import { story } from '../lib/scripted-model/story.ts';

const textsOf = (text: string) => portionsOf(text).map((portion) => portion.text);

test('a text of a few screens is one portion', () => {
  const text = story(2_000);
  expect(portionsOf(text)).toEqual([{ at: 0, text }]);
  expect(portionsOf('')).toEqual([{ at: 0, text: '' }]);
});

test('the portions of a long one are the text, and each begins with a paragraph', () => {
  const text = story(20_000);
  const texts = textsOf(text);
  expect(texts.length).toBeGreaterThan(5);
  expect(texts.join('')).toBe(text);
  for (const each of texts.slice(0, -1)) {
    expect(each.endsWith('\n\n')).toBe(true);
    expect(each.length).toBeLessThan(20_000);
  }
  for (const { at, text: each } of portionsOf(text)) expect(text.startsWith(each, at)).toBe(true);
});

test('while it grows, all but the last stay as they are', () => {
  const text = story(10_000);
  let before = textsOf('');
  for (let length = 0; length <= text.length; length += 37) {
    const now = textsOf(text.slice(0, length));
    expect(now.slice(0, before.length - 1)).toEqual(before.slice(0, -1));
    before = now;
  }
});

test('no block of code is cut, whatever blank lines and other marks are in it', () => {
  const lines = 'const a = 1;\n\n'.repeat(2_000);
  const code = `~~~ts\n${lines}~~~`;
  const text = `${story(2_000)}\n\n${code}\n\n${story(2_000)}\n\n${code}\n\nThe end.`;
  const texts = textsOf(text);
  expect(texts.join('')).toBe(text);
  expect(texts.length).toBeGreaterThan(2);
  expect(texts.filter((each) => (each.match(/~~~/g)?.length ?? 0) % 2 !== 0)).toEqual([]);
});
