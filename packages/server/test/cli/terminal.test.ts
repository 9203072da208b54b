import { expect, it } from 'vitest';
import { keysOf, numberOf } from '../../src/cli/options.ts';
import { columns, safe, safeJson, safeLine, sizeOf } from '../../src/cli/terminal.ts';

const hostile = {
  'an escape sequence': '\u001b[2J\u001b]0;title\u0007',
  'C1 controls': '\u009b2J\u0090',
  'a return that overwrites': 'good\rbad',
  'text that is turned around': '\u202egnp.exe\u2066',
  'other line breaks': 'a\u2028b\u2029c\u0085',
  deleting: 'ab\u0008\u007f',
};

it.each(Object.entries(hostile))('a terminal is not given %s', (_, text) => {
  const shown = safe(text);
  expect(shown).toMatch(/\\u[0-9a-f]{4}/);
  // Nothing is left that is neither printed nor a line break nor a tab.
  expect([...shown].every((each) => each >= ' ' && each <= '~')).toBe(true);
});

it('words, line breaks and other alphabets stay as they are', () => {
  const text = 'Grüße,\n\t你好 👋🏽 עברית';
  expect(safe(text)).toBe(text);
  expect(safeLine('a\nb')).toBe('a\\u000ab');
});

it('JSON stays the same value', () => {
  const value = { ...hostile, nested: [hostile] };
  const text = safeJson(value);
  expect(JSON.parse(text)).toEqual(value);
  expect([...text].every((each) => each >= ' ' && each <= '~')).toBe(true);
});

it('rows stand below each other, and sizes are read at a glance', () => {
  expect(
    columns([
      ['a', 'b'],
      ['long', 'c', 'd'],
    ]),
  ).toEqual(['a     b', 'long  c  d']);
  expect([999, 1_000, 1_540_000].map(sizeOf)).toEqual(['999 B', '1.0 kB', '1.5 MB']);
});

it('keys are read from the environment, and never repeated', () => {
  const key = Buffer.alloc(32, 7).toString('base64');
  expect(keysOf(undefined)).toEqual([]);
  const bytes = new Uint8Array(32).fill(7);
  expect(keysOf(`k2:${key}, k1:${key}`)).toEqual([
    { id: 'k2', key: bytes },
    { id: 'k1', key: bytes },
  ]);
  for (const text of [`k:${key.slice(8)}`, key, `k:${key},`, 'k:', `k k:${key}`]) {
    expect(() => keysOf(text)).toThrow(/key [12] of HOLDFAST_KEYS is not id:base64/);
    expect(() => keysOf(text)).not.toThrow(key.slice(8, 20));
  }
});

it.each(['-1', '1.5', '70000', 'x', '', ' 1'])('a port is no %j', (text) => {
  expect(() => numberOf('port', text, [0, 65_535])).toThrow(
    /--port is a whole number from 0 to 65535/,
  );
});
