import { type Chunk, joinAdjacent } from '@holdfast/protocol';

/** What is taken has about a quarter of an entry's limit, since sizes are estimates. */
const batchShare = 4;
/** A joined delta takes at most an eighth: each of its characters has six bytes of JSON at most, and counts as two. */
const joinedShare = 8;
/** A chunk takes about this much around its texts; only the bounds need it. */
const overhead = 48;
/** Silent chunks: those after which a message looks as it did before. */
const silent: ReadonlySet<string> = new Set([
  'start',
  'start-step',
  'text-start',
  'reasoning-start',
]);
/** Chunks that only go on with what a page shows. */
const deltas: ReadonlySet<string> = new Set(['text-delta', 'reasoning-delta', 'tool-input-delta']);

/**
 * Chunks on their way into the log. What arrives while an append is in flight piles up here,
 * adjacent deltas of one part joined, and travels in the next append (HF-RUN-8).
 */
export class Batch {
  readonly #entryBytes: number;
  #chunks: Chunk[] = [];
  #size = 0;
  #canWait = true;

  /** `entryBytes`: of one entry, at most. */
  constructor(entryBytes: number) {
    this.#entryBytes = entryBytes;
  }

  /** Roughly how many bytes are waiting. */
  get size(): number {
    return this.#size;
  }

  get empty(): boolean {
    return this.#chunks.length === 0;
  }

  /** False from when there is something that a page is to show at once, or as much as one entry takes, until all is taken. */
  get canWait(): boolean {
    return this.#canWait;
  }

  push(chunk: Chunk): void {
    const size = sizeOf(chunk);
    const last = this.#chunks.at(-1);
    // A joined delta must still fit into one entry.
    const isFit = last && sizeOf(last) + size < this.#entryBytes / joinedShare;
    const joined = isFit ? joinAdjacent(last, chunk) : null;
    if (joined) this.#chunks[this.#chunks.length - 1] = joined;
    else this.#chunks.push(chunk);
    this.#size += last && joined ? sizeOf(joined) - sizeOf(last) : size;
    if (!isPatient(chunk) || this.#size > this.#entryBytes / batchShare) this.#canWait = false;
  }

  /** Takes chunks from the front, at least one, and no more than one entry takes. */
  take(): readonly Chunk[] {
    const bytes = this.#entryBytes / batchShare;
    if (this.#size <= bytes) {
      const all = this.#chunks;
      this.#chunks = [];
      this.#size = 0;
      this.#canWait = true;
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

export const isSilent = (chunk: Chunk): boolean =>
  silent.has(chunk.type) && !('messageMetadata' in chunk);

/** True for what can wait for others. */
const isPatient = (chunk: Chunk): boolean => deltas.has(chunk.type) || isSilent(chunk);

/**
 * Deltas, the hot path, are measured by their text, and by what their provider notes on them; everything else by its
 * JSON.
 */
function sizeOf(chunk: Chunk): number {
  const text = chunk.delta ?? chunk.inputTextDelta;
  if (typeof text !== 'string') return overhead + JSON.stringify(chunk).length;
  const { providerMetadata } = chunk;
  const noted = providerMetadata == null ? 0 : JSON.stringify(providerMetadata).length;
  return overhead + text.length * 2 + noted;
}
