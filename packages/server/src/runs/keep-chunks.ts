import { type Chunk, HoldfastError } from '@holdfast/protocol';
import type { Core } from '../core.ts';
import { keepLarge, mayHaveLarge } from '../files/keep-large.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import { tellUsers } from '../user-text.ts';
import { chunkTooLarge } from './chunk-size.ts';

/** Part of an entry that a member may have which no page shows. */
const otherShare = 4;

/**
 * Chunks with references in the place of what is large in them, which is kept first (HF-FILE-12). Rejects with
 * `too_large`, `full`, or, after `retryForMs`, `unavailable`; repeating it is safe.
 */
export async function keepChunks(
  { files, limits, environment }: Pick<Core, 'files' | 'limits' | 'environment'>,
  session: string,
  chunks: readonly Chunk[],
  retryForMs: number,
): Promise<readonly Chunk[]> {
  const sizes = { shown: limits.inlineBytes, other: limits.entryBytes / otherShare };
  const kept: Chunk[] = [];
  for (const chunk of chunks)
    kept.push(
      mayHaveLarge(chunk, sizes)
        ? await retryUnavailable(
            () => keepLarge(files, session, chunk, sizes),
            retryForMs,
            environment,
          )
        : chunk,
    );
  return kept;
}

/**
 * The same for the last chunks of a run. It has to end, so that the input of a call is left out where it cannot be
 * kept, and nothing rejects for that.
 */
export async function keepLast(
  core: Pick<Core, 'files' | 'limits' | 'environment'>,
  session: string,
  chunks: readonly Chunk[],
  retryForMs: number,
): Promise<readonly Chunk[]> {
  try {
    return await keepChunks(core, session, chunks, retryForMs);
  } catch (error) {
    if (!HoldfastError.is(error)) throw error;
    return chunks.map(withoutInput);
  }
}

/** The end of a call without its input, for which there is no room. */
export const withoutInput = (chunk: Chunk): Chunk =>
  chunk.type === 'tool-input-error' ? { ...chunk, input: {} } : chunk;

/** The error for whoever runs the server, with words for users, of a chunk that could not be kept. */
export function notKept(chunks: readonly Chunk[], error: HoldfastError, core: Core): HoldfastError {
  if (error.code === 'too_large') return chunkTooLarge(chunks, core.limits, 'fileBytes');
  if (error.code !== 'full') return error;
  return tellUsers(error, 'The answer ended early: this chat has no room for its files.');
}
