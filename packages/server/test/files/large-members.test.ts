import { fileUrl } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { mayRefer } from '../../src/files/filled.ts';
import { isAmbiguous, mayHaveLarge } from '../../src/files/keep-large.ts';

const digest = 'a'.repeat(43);
/** A text may take six bytes a letter: one of ten is looked at from 60 bytes on. */
const sizes = { shown: 60, other: 90 };

it.each([
  ['no member but those of the SDK', { type: 'text-delta', id: 't', delta: 'x'.repeat(99) }, false],
  ['a short text', { type: 'tool-output-available', output: 'x'.repeat(10) }, false],
  ['a text that may be too long', { type: 'tool-output-available', output: 'x'.repeat(11) }, true],
  ['one of a member that no page shows', { type: 'file', extra: 'x'.repeat(11) }, true],
  ['a value, however small', { type: 'data-a', data: {} }, true],
  ['a list', { type: 'data-a', data: [] }, true],
  ['nothing', { type: 'data-a', data: null }, false],
  ['a number', { type: 'data-a', data: 7 }, false],
  ['something behind what is small', { type: 'data-a', data: 7, more: {} }, true],
])('a chunk with %s may have something large', (_, chunk, is) => {
  expect(mayHaveLarge(chunk, sizes)).toBe(is);
  expect(mayHaveLarge(chunk, { shown: sizes.other, other: sizes.shown })).toBe(is);
});

it.each([
  ['what is no reference', { type: 'data-a', data: { a: 1 } }, false],
  ['the form of one', { type: 'data-a', data: { $holdfast: digest, bytes: 9 } }, true],
  [
    'it behind another member',
    { type: 'data-a', id: 'a', data: { $holdfast: digest, bytes: 9 } },
    true,
  ],
  [
    'it in a member of the SDK',
    { type: 'text-delta', delta: { $holdfast: digest, bytes: 9 } },
    false,
  ],
  ['it further down', { type: 'data-a', data: [{ $holdfast: digest, bytes: 9 }] }, false],
  ['no member', {}, false],
])('an agent’s chunk with %s could be taken for a reference', (_, chunk, is) => {
  expect(isAmbiguous(chunk)).toBe(is);
});

it.each([
  ['nothing that refers', { type: 'text-delta', id: 't', delta: 'x' }, false],
  ['a value elsewhere', { type: 'data-a', data: { $holdfast: digest, bytes: 9 } }, true],
  ['a piece of a text', { type: 'text-delta', delta: { $holdfast: digest, length: 9 } }, true],
  ['a file of the session', { type: 'file', url: fileUrl(digest) }, true],
  ['an address elsewhere', { type: 'file', url: 'https://example.org/a.png' }, false],
  ['no address', { type: 'file', url: 7 }, false],
  ['the address of a file as a text', { type: 'data-a', data: fileUrl(digest) }, false],
])('a part with %s may refer to a file', (_, part, is) => {
  expect(mayRefer(part)).toBe(is);
});
