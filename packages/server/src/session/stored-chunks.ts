import type { Chunk } from '@holdfast/protocol';

/** What is stored in the place of chunks that views hold: pieces of long texts, with references in their places. */
const stored = new WeakMap<Chunk, Chunk>();

/** A chunk as a stored message has it; itself where nothing stands in its place. */
export const storedChunk = (chunk: Chunk): Chunk => stored.get(chunk) ?? chunk;

export function storeAs(chunk: Chunk, as: Chunk): void {
  stored.set(chunk, as);
}
