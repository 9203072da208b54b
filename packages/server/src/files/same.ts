import { createHash } from 'node:crypto';
import {
  digestInUrl,
  digestOfUrl,
  fileUrl,
  isRecord,
  isValueReference,
  type Message,
} from '@holdfast/protocol';
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

/** A message with what `change` makes of the URLs of its files; itself where that is nothing. */
export function withUrls(message: Message, change: (url: string) => string): Message {
  const parts = message.parts.map((part) => {
    if (!isRecord(part) || part.type !== 'file' || typeof part.url !== 'string') return part;
    const url = change(part.url);
    return url === part.url ? part : { ...part, url };
  });
  const isSame = parts.every((part, at) => part === message.parts[at]);
  return isSame ? message : { ...message, parts };
}

/** The reference in the place of the URL under which a page shows a file of its session. */
export function namedUrl(session: string, url: string): string {
  const digest = digestInUrl(session, url);
  return digest === null ? url : fileUrl(digest);
}

/**
 * A text that is the same for all forms of a client's message: a file may come as data, and when the message is
 * repeated as the reference to what was uploaded meanwhile.
 */
export function formOf(session: string, message: Message, inlineBytes: number): string {
  const named = withUrls(message, (url) => {
    if (url.length <= inlineBytes || !/^data:/i.test(url)) return namedUrl(session, url);
    const data = bytesOfDataUrl(url);
    return data ? fileUrl(digestOf(data.bytes)) : url;
  });
  return JSON.stringify(named);
}
