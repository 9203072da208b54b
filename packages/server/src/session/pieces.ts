import {
  type Chunk,
  type Fold,
  HoldfastError,
  isTextReference,
  pieceLength,
  replacePiece,
  sumOf,
  type TextReference,
} from '@holdfast/protocol';
import type { ProjectedItem } from '@holdfast/protocol/projection';
import type { FileStore } from '../files/file-store.ts';
import { storeAs, storedChunk } from './stored-chunks.ts';
import type { StoredItem } from './stored-item.ts';

/** Where pieces of long texts are kept. */
export interface PieceStore extends Pick<FileStore, 'keepValue'> {
  /** So many characters of a text are held, so that whoever joins has the end of it at once. */
  readonly window: number;
  /** The text of a piece. Rejects with what `FileTexts.piece` rejects with. */
  readonly read: (session: string, reference: TextReference) => Promise<string>;
}

/**
 * The pieces of the long texts of a session, as a view holds them: the newest, which are its *window*, as texts, and
 * all others as references. The log has references in the place of all (HF-FOLD-6), so that a message that goes on
 * costs what is new of it.
 */
export class Pieces {
  readonly #session: string;
  readonly #store: PieceStore | undefined;

  /** Without a store they stay in their messages. */
  constructor(session: string, store: PieceStore | undefined) {
    this.#session = session;
    this.#store = store;
  }

  /**
   * Keeps those of texts that are longer than the window. Where a session has no room for them they stay where they
   * are. Rejects with `unavailable`; repeating it is safe.
   */
  async keep(items: Iterable<ProjectedItem>): Promise<void> {
    for (const fold of foldsOf(items)) {
      if (this.#leaving(fold) === 0) continue;
      for (const at of fold.pieces) {
        const chunk = fold.chunks[at] as Chunk;
        if (storedChunk(chunk) !== chunk) continue;
        const delta = await this.#keep(chunk.delta as string);
        if (!delta) break;
        storeAs(chunk, { ...chunk, delta });
      }
      this.#leave(fold);
    }
  }

  /** Has references stand in the place of those in front of the window, as far as they are kept. */
  leave(items: Iterable<ProjectedItem>): void {
    for (const fold of foldsOf(items)) this.#leave(fold);
  }

  #leave(fold: Fold): void {
    for (const at of fold.pieces.slice(0, this.#leaving(fold))) {
      const chunk = fold.chunks[at] as Chunk;
      const as = storedChunk(chunk);
      if (as !== chunk) replacePiece(fold, at, as);
    }
  }

  /** Stored messages with the window, as far as it can be read. */
  withWindow(items: readonly StoredItem[]): Promise<readonly StoredItem[]> {
    return Promise.all(
      items.map(async (item) => {
        if ('message' in item) return item;
        const segments = item.segments.map(async (segment) => {
          const chunks = await Promise.all(this.#chunksWithWindow(segment.chunks));
          return { ...segment, chunks };
        });
        return { ...item, segments: await Promise.all(segments) };
      }),
    );
  }

  #chunksWithWindow(chunks: readonly Chunk[]): (Chunk | Promise<Chunk>)[] {
    const { window = 0 } = this.#store ?? {};
    const places = chunks.flatMap(({ delta }, at) => (isTextReference(delta) ? at : []));
    const newest = new Set(places.slice(-Math.max(1, Math.ceil(window / pieceLength))));
    return chunks.map((chunk, at) => (newest.has(at) ? this.#read(chunk) : chunk));
  }

  /** Itself where it cannot be had: what stands behind it is better than nothing, and whoever loads it is told why. */
  async #read(chunk: Chunk): Promise<Chunk> {
    try {
      const delta = await this.#store?.read(this.#session, chunk.delta as TextReference);
      if (delta === undefined) return chunk;
      const held = { ...chunk, delta };
      storeAs(held, chunk);
      return held;
    } catch (error) {
      if (HoldfastError.is(error)) return chunk;
      throw error;
    }
  }

  /** How many of a fold are in front of the window: the newest that are so long together are in it, and one at least. */
  #leaving({ pieces, chunks }: Fold): number {
    let left = this.#store?.window ?? Number.POSITIVE_INFINITY;
    let count = pieces.length;
    do left -= String(chunks[pieces[--count] ?? -1]?.delta).length;
    while (count > 0 && left > 0);
    return Math.max(0, count);
  }

  /** Null where there is no room for it. */
  async #keep(text: string): Promise<TextReference | null> {
    if (!this.#store) return null;
    try {
      const reference = await this.#store.keepValue(this.#session, JSON.stringify(text));
      return { ...reference, sum: sumOf(text) as number };
    } catch (error) {
      if (HoldfastError.is(error) && (error.code === 'full' || error.code === 'too_large'))
        return null;
      throw error;
    }
  }
}

function* foldsOf(items: Iterable<ProjectedItem>): Generator<Fold> {
  for (const item of items)
    if (item.kind === 'assistant') for (const { fold } of item.segments) yield fold;
}

/** How many pieces of long texts stand in messages. */
export function piecesIn(items: Iterable<ProjectedItem>): number {
  let count = 0;
  for (const { pieces } of foldsOf(items)) count += pieces.length;
  return count;
}
