import {
  type Chunk,
  type Fold,
  HoldfastError,
  sumOf,
  type TextReference,
} from '@holdfast/protocol';
import type { ProjectedItem } from '@holdfast/protocol/projection';
import type { FileStore } from '../files/file-store.ts';

/** Where pieces of long texts are kept. */
export interface PieceStore extends Pick<FileStore, 'keepValue'> {
  /** So many characters of a text stay in its message, so that whoever joins has the end of it at once. */
  readonly window: number;
}

/**
 * Keeps the pieces of long texts beside the log, and puts references in their places (HF-FOLD-5): a message that goes
 * on costs what is new of it. Where a session has no room for them they stay where they are. Rejects with
 * `unavailable`; repeating it is safe.
 */
export async function keepPieces(
  files: PieceStore,
  session: string,
  items: Iterable<ProjectedItem>,
): Promise<void> {
  for (const item of items) {
    if (item.kind !== 'assistant') continue;
    for (const { fold } of item.segments)
      for (const at of [...fold.pieces].slice(0, leaving(fold, files.window))) {
        const chunk = fold.chunks[at] as Chunk;
        const delta = await referenceTo(files, session, chunk.delta as string);
        if (!delta) return;
        fold.replace(at, { ...chunk, delta });
      }
  }
}

/** How many pieces of a fold are kept elsewhere: the newest stay, as many as are so long together, and one at least. */
function leaving({ pieces, chunks }: Fold, window: number): number {
  let left = window;
  let count = pieces.length;
  do left -= String(chunks[pieces[--count] ?? -1]?.delta).length;
  while (count > 0 && left > 0);
  return Math.max(0, count);
}

/** Null where there is no room for it. */
async function referenceTo(
  files: PieceStore,
  session: string,
  text: string,
): Promise<TextReference | null> {
  try {
    const reference = await files.keepValue(session, JSON.stringify(text));
    return { ...reference, sum: sumOf(text) as number };
  } catch (error) {
    if (HoldfastError.is(error) && (error.code === 'full' || error.code === 'too_large'))
      return null;
    throw error;
  }
}

/** How many pieces of long texts stand in messages. */
export function piecesIn(items: Iterable<ProjectedItem>): number {
  let count = 0;
  for (const item of items)
    if (item.kind === 'assistant')
      for (const { fold } of item.segments) count += fold.pieces.length;
  return count;
}
