import { type Chunk, joinAdjacent } from '@holdfast/protocol';

/** A batch takes about a quarter of an entry's limit, since sizes are estimates. */
export const batchShare = 4;
/** A chunk takes about this much around its texts; only the bounds need it. */
const overhead = 48;

/**
 * Chunks on their way into the log. What arrives while an append is in flight piles up here,
 * adjacent deltas of one part joined, and travels in the next append (HF-RUN-8).
 */
export class Batch {
  #chunks: Chunk[] = [];
  #size = 0;

  /** Roughly how many bytes are waiting. */
  get size(): number {
    return this.#size;
  }

  get empty(): boolean {
    return this.#chunks.length === 0;
  }

  push(chunk: Chunk): void {
    const size = sizeOf(chunk);
    const last = this.#chunks.at(-1);
    // A joined delta must still fit into one entry.
    const joined = last && sizeOf(last) + size < 32_768 ? joinAdjacent(last, chunk) : null;
    if (joined) this.#chunks[this.#chunks.length - 1] = joined;
    else this.#chunks.push(chunk);
    this.#size += joined ? size - overhead : size;
  }

  /** Takes chunks from the front, at least one, up to about `bytes`. */
  take(bytes: number): readonly Chunk[] {
    if (this.#size <= bytes) {
      const all = this.#chunks;
      this.#chunks = [];
      this.#size = 0;
      return all;
    }
    let count = 0;
    let size = 0;
    for (const chunk of this.#chunks) {
      const next = sizeOf(chunk);
      if (count > 0 && size + next > bytes) break;
      size += next;
      count++;
    }
    this.#size = Math.max(0, this.#size - size);
    return this.#chunks.splice(0, count);
  }
}

/** Deltas, the hot path, are measured by their text; everything else by its JSON. */
function sizeOf(chunk: Chunk): number {
  const text = chunk.delta ?? chunk.inputTextDelta;
  return overhead + (typeof text === 'string' ? text.length * 2 : JSON.stringify(chunk).length);
}
