import { type Entry, isRecord, parseJson } from '@holdfast/protocol';

const maxDepth = 1_000;

/** Reads an entry's body; null when it is none, which readers skip. */
export function entryOf(body: string): Entry | null {
  const parsed = parseJson(body, maxDepth);
  return parsed.ok && isRecord(parsed.value) && typeof parsed.value.k === 'string'
    ? (parsed.value as unknown as Entry)
    : null;
}
