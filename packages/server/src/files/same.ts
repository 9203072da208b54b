import { createHash } from 'node:crypto';
import { digestInUrl, digestOfUrl, isValueReference } from '@holdfast/protocol';
import { bytesOfDataUrl } from './data-url.ts';

const digestOf = (content: Uint8Array | string): string =>
  createHash('sha256').update(content).digest('base64url');

/** True where a page shows under a URL what the session has there: a file as data, or from where it is loaded. */
export function isSameUrl(session: string, stored: unknown, shown: unknown): boolean {
  if ((stored ?? null) === (shown ?? null)) return true;
  const digest = digestOfUrl(stored);
  if (digest === null || typeof shown !== 'string') return false;
  if (digestInUrl(session, shown) === digest) return true;
  const data = bytesOfDataUrl(shown);
  return data !== null && digestOf(data.bytes) === digest;
}

/** True where a page shows the value that the session has, there perhaps as a reference. */
export function isSameValue(stored: unknown, shown: unknown): boolean {
  const text = JSON.stringify(shown ?? null);
  if (JSON.stringify(stored ?? null) === text) return true;
  return isValueReference(stored) && digestOf(text) === stored.$holdfast;
}
