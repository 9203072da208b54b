import { type Chunk, isName, isRecord } from '@holdfast/protocol';
import { answeredKey } from '@holdfast/protocol/projection';

/** A request that names more repeats itself, or means harm: its cost grows with what it names. */
const maxItems = 1_000;

/** True when a list has the form of all that comes in lists: bounded, and nothing twice (HF-HTTP-9). */
export function isList<T>(
  value: unknown,
  isItem: (item: unknown) => item is T,
  most: number = maxItems,
  keyOf: (item: T) => string = String,
): value is T[] {
  if (!Array.isArray(value) || value.length > most || !value.every(isItem)) return false;
  return new Set(value.map(keyOf)).size === value.length;
}

export const isNames = (value: unknown): value is string[] => isList(value, isName);

const isChunk = (value: unknown): value is Chunk =>
  isRecord(value) && typeof value.type === 'string';

export const isAnswers = (value: unknown): value is Chunk[] =>
  isList(value, isChunk, maxItems, answeredKey);

/** The first of those that answer the same. */
export const uniqueAnswers = (answers: readonly Chunk[]): readonly Chunk[] => {
  const first = new Map<string, Chunk>();
  for (const answer of answers) {
    const key = answeredKey(answer);
    if (!first.has(key)) first.set(key, answer);
  }
  return [...first.values()];
};
