import { createMemoryLog } from '@holdfast/log';
import { defaultLimits, filePath, fileUrl } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { FileStore } from '../../src/files/file-store.ts';
import {
  FileTexts,
  filled,
  filledMessage,
  filledMessages,
  ofPage,
  referring,
  shownAt,
  wholeOf,
} from '../../src/files/filled.ts';
import { manualTime } from '../support/manual-time.ts';

async function setUp() {
  const files = new FileStore(createMemoryLog(), defaultLimits);
  const texts = new FileTexts(files, manualTime().environment);
  const value = await files.keepValue('s', '{"a":1}');
  const piece = { ...(await files.keepValue('s', '"Hello"')), sum: 7 };
  const { digest } = await files.keep('s', Buffer.from('hi'), 'text/plain');
  const part = { type: 'data-a', data: value };
  const file = { type: 'file', mediaType: 'text/plain', url: fileUrl(digest) };
  const text = { type: 'text', text: ' you', front: [piece] };
  return { texts, digest, value, piece, part, file, text };
}

const reference = (bytes: number) => ({ $holdfast: 'a'.repeat(43), bytes });

it('the values of a page are in their places until they are 4 MiB together, and its texts are whole', async () => {
  const { texts } = await setUp();
  const taken = (...sizes: readonly number[]) => {
    const { takes } = ofPage(wholeOf(texts, 's'));
    return sizes.map((bytes) => takes?.(reference(bytes)));
  };
  expect(taken(4_194_304, 0, 1)).toEqual([true, true, false]);
  expect(taken(4_194_305, 4_194_304)).toEqual([false, true]);
  expect(taken(3_000_000, 2_000_000, 1_000_000)).toEqual([true, false, true]);
  expect(taken(Number.NaN)).toEqual([false]);
  const { takes } = ofPage(wholeOf(texts, 's'));
  expect(takes?.({ ...reference(9_000_000), sum: 7 } as never)).toBe(true);
  expect(takes?.(reference(4_194_304))).toBe(true);
});

it('a page is shown files at its route, with the query that the server gives', async () => {
  const { texts, digest, file } = await setUp();
  for (const route of ['/api/chat', '/api/chat/', '/api/chat//'])
    expect(await filled(shownAt({ texts, session: 's' }, route), file)).toEqual({
      ...file,
      url: `/api/chat${filePath('s', digest)}`,
    });
  expect(await filled(shownAt({ texts, session: 's' }, '/c', 'until=1'), file)).toEqual({
    ...file,
    url: `/c${filePath('s', digest)}?until=1`,
  });
});

it('who takes no values has all parts as they are, and chunks with their texts', async () => {
  const { texts, part, file, text, piece } = await setUp();
  const filling = referring({ texts, session: 's' });
  expect(await filled(filling, part)).toEqual(part);
  expect(await filled(filling, file)).toEqual(file);
  expect(await filled(filling, text)).toBe(text);
  const delta = { type: 'text-delta', id: 't', delta: piece };
  expect(await filled(filling, delta)).toEqual({ ...delta, delta: 'Hello' });
});

it('a text whose pieces may not be taken stays as it is', async () => {
  const { texts, text } = await setUp();
  const filling = { ...wholeOf(texts, 's'), takes: () => false };
  expect(await filled(filling, text)).toBe(text);
});

it('code of the server is given all, and what has no references is the same message', async () => {
  const { texts, part, file, text } = await setUp();
  const filling = wholeOf(texts, 's');
  const plain = { id: 'm1', parts: [{ type: 'text', text: 'plain' }, null, 7] };
  const message = { id: 'm2', parts: [plain.parts[0], part, file, text, null] };
  const whole = {
    id: 'm2',
    parts: [
      plain.parts[0],
      { type: 'data-a', data: { a: 1 } },
      { ...file, url: 'data:text/plain;base64,aGk=' },
      { type: 'text', text: 'Hello you' },
      null,
    ],
  };
  expect(await filledMessage(filling, plain)).toBe(plain);
  expect(await filledMessage(filling, message)).toEqual(whole);
  const all = await filledMessages(filling, [plain, message]);
  expect(all).toEqual([plain, whole]);
  expect(all[0]).toBe(plain);
});

it('what only looks like a reference stays', async () => {
  const { texts, value } = await setUp();
  const filling = wholeOf(texts, 's');
  for (const $holdfast of ['short', 7, 'b'.repeat(43)]) {
    const odd = { type: 'data-a', data: { ...value, $holdfast } };
    expect(await filled(filling, odd)).toEqual(odd);
  }
  const front = { type: 'text', text: 7, front: [{ ...value, sum: 7 }] };
  expect(await filled(filling, front)).toBe(front);
  const other = { type: 'text', text: 'you', front: 'Hello' };
  expect(await filled(filling, other)).toBe(other);
});
