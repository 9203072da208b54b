import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatPosition,
  isEntryId,
  isSessionId,
  origin,
  parsePosition,
  seqOf,
} from '../src/position.ts';
import { anyText } from './support/any-text.ts';

const entryId = fc.oneof(
  fc.constant(origin),
  fc
    .tuple(fc.integer({ min: 1, max: 10 ** 15 - 1 }), fc.nat({ max: 2 ** 31 - 1 }))
    .map(([seq, nonce]) => `${seq}-${nonce}`),
);

test('a position is the same after formatting and parsing (HF-POS-4)', () => {
  const epoch = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
  fc.assert(
    fc.property(epoch, entryId, (name, id) => {
      const position = { epoch: name, id };
      expect(parsePosition(formatPosition(position))).toEqual(position);
    }),
  );
});

test.each([
  '',
  ':',
  'E1',
  'E1:',
  ':1-1',
  'E1:1',
  'E1:1-',
  'E1:-1',
  'E1:1-1-1',
  'E1:1-1 ',
  'E1:1-1\n',
  ' E1:1-1',
  'E 1:1-1',
  'E1:E1:1-1',
  'E1:01-1',
  'E1:1-01',
  'E1:0-1',
  'E1:+1-1',
  'E1:1e3-1',
  'E1:1-99999999999',
  'E1:9999999999999999-1',
  'E\0:1-1',
  '\ud800:1-1',
  `${'E'.repeat(65)}:1-1`,
])('a forged or damaged position cannot be read: %j (HF-POS-4)', (text) => {
  expect(parsePosition(text)).toBeNull();
});

test('anything can be asked whether it is a position, and what is one keeps its text (HF-POS-4)', () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), anyText), (value) => {
      const position = parsePosition(value);
      if (position) expect(formatPosition(position)).toBe(value);
    }),
  );
});

test('every entry id has a sequence number that is exact', () => {
  fc.assert(
    fc.property(entryId, (id) => {
      expect(isEntryId(id)).toBe(true);
      expect(`${seqOf(id)}`).toBe(id.split('-')[0]);
      expect(Number.isSafeInteger(seqOf(id) + 1)).toBe(true);
    }),
  );
});

test.each(['', 'a/b', 'a:b', '{a}', 'a b', 'ä', 'a\n', '*', 'x'.repeat(129), 1, null])(
  'what could break a storage key is no session id: %j',
  (value) => {
    expect(isSessionId(value)).toBe(false);
  },
);
