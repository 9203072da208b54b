import { expect, test } from 'vitest';
import {
  digestInUrl,
  digestOfUrl,
  filePath,
  fileUrl,
  isDigest,
  isValueReference,
  referencesIn,
} from '../src/files.ts';

const digest = `${'aB3_-'.repeat(8)}xyz`;

test('HF-FILE-2: a file is referred to by its digest, and by nothing else', () => {
  expect(fileUrl(digest)).toBe(`holdfast:file/${digest}`);
  expect(digestOfUrl(fileUrl(digest))).toBe(digest);
  for (const url of [
    `holdfast:file/${digest}x`,
    `holdfast:file/${digest.slice(1)}`,
    `holdfast:file/${digest.slice(1)}/`,
    `HOLDFAST:file/${digest}`,
    `https://host/holdfast:file/${digest}`,
    'data:image/png;base64,AA==',
    undefined,
    7,
    { url: fileUrl(digest) },
  ])
    expect(digestOfUrl(url)).toBeNull();
  expect(isDigest(digest)).toBe(true);
  expect(isDigest(`${digest}\n`)).toBe(false);
});

test('a file is found again in the URL that a page shows, of its own session only', () => {
  const path = filePath('s-1', digest);
  expect(path).toBe(`/s-1/files/${digest}`);
  expect(filePath('s-1', digest, 'u=1&s=2')).toBe(`${path}?u=1&s=2`);
  for (const url of [path, `/api/chat${path}`, `https://a.example/api${path}?u=1#x`])
    expect(digestInUrl('s-1', url)).toBe(digest);
  for (const url of [`/api/chat${path}`, `/api/chat${path}/`, `https://a.example/?${path}`])
    expect(digestInUrl('s-2', url)).toBeNull();
  expect(digestInUrl('s-1', `https://a.example/?${path}`)).toBeNull();
  expect(digestInUrl('s-1', `x${path.slice(1)}`)).toBeNull();
  expect(digestInUrl('s-1', null)).toBeNull();
});

test('HF-FILE-3: every object with the key $holdfast stands for a value, and no other thing', () => {
  const reference = { $holdfast: digest, bytes: 5 };
  expect(isValueReference(reference)).toBe(true);
  // None of a value's own can stand there: it would have become a file.
  expect(isValueReference({ $holdfast: 1, more: true })).toBe(true);
  for (const value of [null, 'x', [reference], { holdfast: digest }, undefined])
    expect(isValueReference(value)).toBe(false);
  const chunk = { type: 'tool-output-available', output: reference, input: { in: reference } };
  expect(referencesIn(chunk)).toEqual(['output']);
});
