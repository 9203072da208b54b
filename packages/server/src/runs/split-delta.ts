import type { Chunk } from '@holdfast/protocol';

/** Part of an entry's bytes that one delta has in characters: each of them has six bytes of JSON at most. */
const share = 16;

/** A high surrogate belongs to the character behind it. */
const isHalf = (text: string, at: number): boolean => {
  const unit = text.charCodeAt(at - 1);
  return unit >= 0xd800 && unit < 0xdc00;
};

/**
 * A chunk as several, of which each fits into an entry, where it is a long delta: they say together what it says
 * (HF-FILE-13). Any other one alone.
 */
export function splitDelta(chunk: Chunk, entryBytes: number): readonly Chunk[] {
  const name = typeof chunk.delta === 'string' ? 'delta' : 'inputTextDelta';
  const text = chunk[name];
  const most = Math.max(2, Math.floor(entryBytes / share));
  if (typeof text !== 'string' || text.length <= most) return [chunk];
  const parts: Chunk[] = [];
  for (let at = 0; at < text.length; ) {
    const end = Math.min(text.length, at + most);
    const until = end < text.length && isHalf(text, end) ? end - 1 : end;
    parts.push({ ...chunk, [name]: text.slice(at, until) });
    at = until;
  }
  return parts;
}
