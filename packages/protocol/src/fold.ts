import type { Chunk } from './entries.ts';

/**
 * Characters of an element from which on the next delta of its text begins another one (HF-FOLD-5): a long text
 * becomes a list of pieces, of which all but the last stay as they are.
 */
export const pieceLength = 131_072;

/** What a delta has: the member that grows, and the member that names the part it belongs to. */
type Delta = readonly [grows: string, of: string];

const textDelta: Delta = ['delta', 'id'];
const deltas: ReadonlyMap<string, Delta> = new Map([
  ['text-delta', textDelta],
  ['reasoning-delta', textDelta],
  ['tool-input-delta', ['inputTextDelta', 'toolCallId']],
]);

/**
 * Chunks that touch one part, or nothing that a delta touches. Nothing is merged across any other:
 * a step's end closes parts in some versions of the SDK, `reset-step` drops them, behind `error` the
 * reducer may have stopped, and what a kind does that is not known here cannot be told (HF-FOLD-4).
 */
const local =
  /^(text|reasoning|tool|data|source)-|^(file|custom|message-metadata|steering-message)$/;

const isData = (chunk: Chunk): boolean => chunk.type.startsWith('data-');

/** True for a chunk that is meant only for those who see it live: it is left out of every fold (HF-FOLD-3). */
export const isTransient = (chunk: Chunk): boolean => isData(chunk) && chunk.transient === true;

/** The length keeps type and id apart, whatever characters they have. */
const keyOf = (type: string, id: unknown): string => `${type.length} ${type} ${String(id)}`;

/** True when a delta has no member that merging would lose. A loop that makes nothing: it is asked of every chunk. */
function isPlain(chunk: Chunk, [grows, of]: Delta): boolean {
  if (typeof chunk[grows] !== 'string') return false;
  for (const member in chunk) {
    const isKnown = member === 'type' || member === grows || member === of;
    if (!isKnown && (member !== 'providerMetadata' || chunk[member] == null)) return false;
  }
  return true;
}

/** Joins two plain deltas of one part; the later provider metadata wins, as in the SDK's reducer. */
function joinDeltas(earlier: Chunk, later: Chunk, [grows]: Delta): Chunk {
  return { ...earlier, ...later, [grows]: (earlier[grows] as string) + (later[grows] as string) };
}

/**
 * Joins two adjacent chunks when they are deltas of one part, so that a batch carries fewer of them;
 * `null` when they must stay apart.
 */
export function joinAdjacent(earlier: Chunk, later: Chunk): Chunk | null {
  const delta = deltas.get(later.type);
  if (!delta || earlier.type !== later.type) return null;
  const [, of] = delta;
  return earlier[of] === later[of] && isPlain(earlier, delta) && isPlain(later, delta)
    ? joinDeltas(earlier, later, delta)
    : null;
}

/**
 * Shortens a list of chunks as it grows, so that the AI SDK's reducer gives the same message
 * (HF-FOLD-1) and every element stays in its place (HF-FOLD-2). `chunks` is read-only to callers
 * and its elements are replaced, never changed.
 */
export class Fold {
  /** The fold so far. The list grows with the next chunk; take a copy to keep it. */
  readonly chunks: readonly Chunk[] = [];
  /** How many of the elements another attempt keeps. */
  sealedCount = 0;
  /** Places of the pieces of long texts that have another one behind them, oldest first. */
  readonly pieces: readonly number[] = [];
  readonly #pieceLength: number;
  /** Where the element is that a later chunk of the same part may be merged into. */
  readonly #open = new Map<string, number>();

  /** `length`: of a piece, in characters; all who fold the same have the same one. */
  constructor(length: number = pieceLength) {
    this.#pieceLength = length;
  }

  /** A fold of what another attempt begins with. */
  get sealed(): Fold {
    const chunks = this.chunks.slice(0, this.sealedCount);
    return foldOf({ chunks, sealed: chunks.length }, this.#pieceLength);
  }

  /** Keeps what there is as it is from now on: nothing is merged into it any more. */
  seal(): void {
    this.sealedCount = this.chunks.length;
    this.#open.clear();
  }

  /** Adds what was written next. */
  push(chunk: Chunk): void {
    if (isTransient(chunk)) return;
    const { type, id } = chunk;
    if (!local.test(type)) this.#open.clear();
    const delta = deltas.get(type);
    const mergeKey = delta
      ? isPlain(chunk, delta) && keyOf(type, chunk[delta[1]])
      : isData(chunk) && typeof id === 'string' && keyOf(type, id);
    const at = this.#open.get(mergeKey as string) ?? -1;
    const earlier = this.chunks[at];
    const isPiece =
      earlier && delta === textDelta && (earlier.delta as string).length >= this.#pieceLength;
    if (isPiece) (this.pieces as number[]).push(at);
    else if (earlier) {
      (this.chunks as Chunk[])[at] = delta
        ? joinDeltas(earlier, chunk, delta)
        : { ...earlier, data: chunk.data };
      return;
    }
    if (mergeKey) this.#open.set(mergeKey, this.chunks.length);
    // A start or an end of a part: what comes later under the same id is another part.
    else for (const [kind, [, of]] of deltas) this.#open.delete(keyOf(kind, chunk[of]));
    (this.chunks as Chunk[]).push(chunk);
  }
}

/** Has a reference stand in the place of a piece, or the text in the place of its reference. */
export function replacePiece({ chunks, pieces }: Fold, at: number, chunk: Chunk): void {
  (chunks as Chunk[])[at] = chunk;
  const known = pieces.indexOf(at);
  if (known >= 0) (pieces as number[]).splice(known, 1);
}

/** Goes on from what a fold was. */
export function foldOf(
  { chunks, sealed = 0 }: { readonly chunks: readonly Chunk[]; readonly sealed?: number },
  length?: number,
): Fold {
  const fold = new Fold(length);
  for (const [at, chunk] of chunks.entries()) {
    if (at === sealed) fold.seal();
    fold.push(chunk);
  }
  if (sealed === chunks.length) fold.seal();
  return fold;
}

/** The fold of a whole list: see {@link Fold}. */
export const foldChunks = (chunks: readonly Chunk[]): readonly Chunk[] => foldOf({ chunks }).chunks;

/** Chunks are JSON, and the two come from one list, so that their members have one order. */
const isSame = (a: Chunk, b: Chunk): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

/**
 * The chunks of the longer fold `whole` that a reader of the fold `seen` still needs (HF-FOLD-2).
 * `null` when `whole` is no continuation of `seen`.
 */
export function chunksBeyond(
  seen: readonly Chunk[],
  whole: readonly Chunk[],
  isSameChunk: (a: Chunk, b: Chunk) => boolean = isSame,
): Chunk[] | null {
  if (seen.length > whole.length) return null;
  const beyond: Chunk[] = [];
  for (const [at, chunk] of whole.entries()) {
    const earlier = seen[at];
    if (earlier && isSameChunk(earlier, chunk)) continue;
    const rest = earlier ? restOf(earlier, chunk) : chunk;
    if (!rest) return null;
    beyond.push(rest);
  }
  return beyond;
}

/** What whoever has the earlier form of an element still needs of it; `null` where it is another element. */
function restOf(earlier: Chunk, chunk: Chunk): Chunk | null {
  const [grows, of] = deltas.get(chunk.type) ?? ['', 'id'];
  if (earlier.type !== chunk.type || earlier[of] !== chunk[of]) return null;
  if (!grows) return isData(chunk) ? chunk : null;
  const before = String(earlier[grows]);
  const now = String(chunk[grows]);
  return now.startsWith(before) ? { ...chunk, [grows]: now.slice(before.length) } : null;
}
