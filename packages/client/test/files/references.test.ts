import * as protocol from '@holdfast/protocol';
import { expect, test } from 'vitest';
import {
  digestInUrl,
  digestOfUrl,
  filePath,
  fileUrl,
  referencesIn,
} from '../../src/files/references.ts';

const digest = 'aZ09_-'.padEnd(43, 'x');

test('HF-FILE-2 a reference is what the protocol says', () => {
  expect(fileUrl(digest)).toBe(protocol.fileUrl(digest));
  expect(`/${filePath('s1', digest)}`).toBe(protocol.filePath('s1', digest));
  const others = [`${fileUrl(digest)}x`, fileUrl('short'), 'https://x', '', 7, undefined];
  for (const url of [fileUrl(digest), ...others])
    expect(digestOfUrl(url) ?? null).toBe(protocol.digestOfUrl(url));
});

test('HF-FILE-3 what stands in the place of a value is what the protocol says', () => {
  const reference = { $holdfast: digest, bytes: 9 };
  for (const chunk of [
    { type: 'tool-output-available', output: reference },
    { type: 'data-x', data: reference, id: 'd' },
    { type: 'data-x', data: { deep: reference } },
    { type: 'data-x', data: [reference] },
    { input: reference, output: { $holdfast: 'another' }, metadata: null },
    { type: 'start', messageMetadata: reference },
    { type: 'data-x', data: { ...reference, $holdfast: `${digest}x` } },
  ])
    expect(referencesIn(chunk).map(([name]) => name)).toEqual(protocol.referencesIn(chunk));
});

const all = '/api/chat/s1/files/';

test.each([
  [all, `${all}${digest}`, digest],
  [all, `${all}${digest}?u=1&s=2#x`, digest],
  [`${all}?tenant=1`, `${all}${digest}?tenant=1`, digest],
  [all, `/api/chat/s2/files/${digest}`, undefined],
  [all, `https://other.example${all}${digest}`, undefined],
  [all, `${all}${digest}/more`, undefined],
  [all, all, undefined],
])('an address behind %s is told from others: %s', (behind, url, expected) => {
  expect(digestInUrl(url, behind)).toBe(expected);
});
