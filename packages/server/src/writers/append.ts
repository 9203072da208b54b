import { type Chunk, HoldfastError } from '@holdfast/protocol';
import type { Core } from '../core.ts';
import { inWords } from '../over-limit.ts';
import { keepChunks } from '../runs/keep-chunks.ts';
import { newEntry } from '../session/new-entry.ts';
import { recordOf, retryForMs, stateOf, type WriterState, type WrittenRun } from './state.ts';
import { type NumberedEntry, takeEntry } from './take-entry.ts';

export interface AppendAsked extends WrittenRun {
  readonly seq: number;
  readonly chunks: readonly Chunk[];
}

/**
 * Appends the chunks of one request, as one entry, with what is large in them beside the log (HF-FILE-12). Rejects
 * with `too_large`, `full`, `forbidden` and the log's error.
 */
export async function appendChunks(
  core: Core,
  session: string,
  asked: AppendAsked,
): Promise<WriterState> {
  const found = await recordOf(core, session, asked);
  if ('told' in found) return found.told;
  const { seq, chunks } = asked;
  const kept = await keepChunks(core, session, chunks, retryForMs);
  const { messageId, durability } = found.record;
  const entry = { ...asked, durability };
  return await writeChunks(core, session, entry, underMessage(kept, seq, messageId));
}

/** One entry of chunks, as they are. */
export async function writeChunks(
  core: Core,
  session: string,
  asked: NumberedEntry,
  c: readonly Chunk[],
): Promise<WriterState> {
  const { environment, limits, checkpointer } = core;
  const { run, attempt } = asked;
  const entry = newEntry(environment, { k: 'chunks', run, attempt, c });
  const bytes = Buffer.byteLength(entry.body);
  if (bytes > limits.entryBytes)
    throw new HoldfastError(
      'too_large',
      `unable to append: the chunks are ${inWords(bytes)} together, and one request takes ${inWords(limits.entryBytes, 'down')}; send fewer at once, or raise \`limits.entryBytes\``,
    );
  const outcome = await takeEntry(core, session, asked, { entry });
  if (outcome.kind === 'appended') checkpointer.wrote(session, bytes);
  return await stateOf(core, session, asked, outcome);
}

/** The first append begins with a `start`, and each has the id of the run's message (HF-ENT-2). */
function underMessage(chunks: readonly Chunk[], seq: number, messageId: string): readonly Chunk[] {
  const named = chunks.map((chunk) => (chunk.type === 'start' ? { ...chunk, messageId } : chunk));
  const isBegun = seq > 1 || named[0]?.type === 'start';
  return isBegun ? named : [{ type: 'start', messageId }, ...named];
}
