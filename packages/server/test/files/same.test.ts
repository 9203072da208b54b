import { createHash } from 'node:crypto';
import { fileUrl, type Message } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import { formOf, isSameUrl, isSameValue, namedUrl, withUrls } from '../../src/files/same.ts';

const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url');
const pathTo = (text: string, session = 's') => `/api/${session}/files/${digestOf(text)}?until=1`;
const stored = fileUrl(digestOf('hello'));
const data = 'data:text/plain,hello';

describe('HF-FILE-11: a page shows what the session has', () => {
  it.each<[name: string, is: boolean, stored: unknown, shown: unknown]>([
    ['the same address', true, 'https://a.example/1', 'https://a.example/1'],
    ['another address', false, 'https://a.example/1', 'https://a.example/2'],
    ['no address for none', true, undefined, null],
    ['none for no address', true, null, undefined],
    ['an address for none', false, undefined, 'https://a.example/1'],
    ['nothing for a file', false, stored, undefined],
    ['the reference to a file', true, stored, stored],
    ['where it is loaded from', true, stored, pathTo('hello')],
    ['where another one is loaded from', false, stored, pathTo('other')],
    ['where another session loads it from', false, stored, pathTo('hello', 't')],
    ['what is in it', true, stored, data],
    ['what is in another one', false, stored, 'data:text/plain,other'],
    ['some address', false, stored, 'https://a.example/1'],
    ['no text', false, stored, 7],
    ['a file for an address', false, 'https://a.example/1', data],
    ['a file for a reference that is none', false, `${stored}x`, data],
  ])('under a URL: %s', (_, is, of, shown) => {
    expect(isSameUrl('s', of, shown)).toBe(is);
  });

  const kept = { $holdfast: digestOf('{"a":1}'), bytes: 7 };

  it.each<[name: string, is: boolean, stored: unknown, shown: unknown]>([
    ['the same', true, { a: 1 }, { a: 1 }],
    ['another', false, { a: 1 }, { a: 2 }],
    ['none for null', true, null, undefined],
    ['null for none', true, undefined, null],
    ['one for none', false, undefined, 0],
    ['none for one', false, 0, undefined],
    ['what is kept as a file', true, kept, { a: 1 }],
    ['another than is kept as a file', false, kept, { a: 2 }],
    ['none for what is kept as a file', false, kept, undefined],
    ['the reference itself', true, kept, kept],
    ['null that is kept as a file', true, { $holdfast: digestOf('null'), bytes: 4 }, undefined],
  ])('as a value: %s', (_, is, of, shown) => {
    expect(isSameValue(of, shown)).toBe(is);
  });
});

const file = (url: unknown) => ({ type: 'file', mediaType: 'text/plain', url });
const messageOf = (...parts: unknown[]) => ({ id: 'm', role: 'user', parts }) as Message;

it.each([
  ['a part that is no object', 'file'],
  ['a part of another kind', { type: 'source-url', url: 'a' }],
  ['a file without a URL', file(undefined)],
  ['a file whose URL stays', file('b')],
])('the URL of %s is left alone, and a message without others is the same one', (_, part) => {
  const change = (url: string) => (url === 'a' ? 'A' : url);
  const message = messageOf(part, part);
  expect(withUrls(message, change)).toBe(message);
  const changed = withUrls(messageOf(part, file('a'), part), change);
  expect(changed).toEqual(messageOf(part, file('A'), part));
  expect(changed.parts[0]).toBe(part);
});

it('an address of a file of the session becomes the reference to it', () => {
  expect(namedUrl('s', pathTo('hello'))).toBe(stored);
  expect(namedUrl('t', pathTo('hello'))).toBe(pathTo('hello'));
});

it.each([
  ['data of as many characters as may stand in a message', data, data.length, data],
  ['longer data', data, data.length - 1, stored],
  ['longer data in capitals', data.replace('data', 'DATA'), 0, stored],
  ['longer data that cannot be read', 'data:text/plain,%', 0, 'data:text/plain,%'],
  ['an address of a file of the session', pathTo('hello'), 0, stored],
  ['a short address of one', pathTo('hello'), 1_000, stored],
  ['any other address', 'https://a.example/1', 0, 'https://a.example/1'],
])('HF-FILE-11: the form of a message has in the place of %s', (_, url, inlineBytes, formed) => {
  expect(formOf('s', messageOf(file(url)), inlineBytes)).toBe(
    JSON.stringify(messageOf(file(formed))),
  );
});
