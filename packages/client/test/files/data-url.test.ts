import { createHash } from 'node:crypto';
import { expect, onTestFinished, test, vi } from 'vitest';
import { dataOf, digestOf, fingerprintOf } from '../../src/files/data-url.ts';

const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
const base64 = Buffer.from(bytes).toString('base64');

test.each([
  [`data:image/png;base64,${base64}`, 'image/png'],
  [`data:text/plain;charset=utf-8;base64,${base64}`, 'text/plain'],
  [`data:;base64,${base64}`, ''],
  [`DATA:image/png;BASE64,${base64}`, 'image/png'],
])('the data of %.30s are read', (url, mediaType) => {
  expect(dataOf(url)).toEqual({ mediaType, bytes });
});

test.each([
  'data:image/png;base64,%%%',
  'data:image/png,plain',
  'data:image/png;base64',
  'https://x.example/a;base64,AAAA',
])('%s is no data of base64', (url) => {
  expect(dataOf(url)).toBeNull();
});

test('HF-FILE-1 a digest is SHA-256 in base64url, and absent where the host has none', async () => {
  expect(await digestOf(bytes)).toBe(createHash('sha256').update(bytes).digest('base64url'));
  vi.stubGlobal('crypto', {});
  onTestFinished(() => void vi.unstubAllGlobals());
  expect(await digestOf(bytes)).toBeUndefined();
});

test('contents of the same length are told apart', () => {
  const all = Array.from({ length: 2_000 }, (_, at) => fingerprintOf(`data:${at + 1_000}`));
  expect(new Set(all).size).toBe(all.length);
  for (const each of all) expect(each).toMatch(/^[\da-z]{1,7}$/);
});
