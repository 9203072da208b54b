import type { Chunk } from '../entries.ts';
import { Fold, foldOf } from '../fold.ts';

/** The chunks that one run, or answers, wrote into a message without another in between. */
export interface WrittenSegment {
  /** Null for answers. */
  readonly run: string | null;
  /** The chunks so far. The fold grows with the next one. */
  fold: Fold;
}

/** Of long texts what stands behind the pieces in front that are not here (HF-FOLD-5). */
export const shownOf = (chunks: readonly Chunk[]): readonly Chunk[] =>
  chunks.filter(({ delta }) => typeof delta !== 'object');

/**
 * Where what comes next goes: behind all that is there, so that a message has one order everywhere, that of the
 * log (HF-ENT-4).
 */
export function segmentOf(segments: WrittenSegment[], run: string | null): WrittenSegment {
  const last = segments.at(-1);
  if (last?.run === run) return last;
  const next = { run, fold: new Fold() };
  segments.push(next);
  return next;
}

/**
 * Another attempt of the run begins anew (HF-ENT-5). Answers to calls that are gone with the earlier one go too:
 * the AI SDK's reducer would give up on them.
 */
export function supersede(segments: readonly WrittenSegment[], superseded: string): void {
  const there = new Set<unknown>();
  for (const segment of segments) {
    const { run, fold } = segment;
    if (run === superseded) segment.fold = fold.sealed;
    if (run === null)
      segment.fold = foldOf({
        chunks: fold.chunks.filter((chunk) => there.has(chunk.approvalId ?? chunk.toolCallId)),
      });
    for (const { toolCallId, approvalId } of segment.fold.chunks)
      there.add(toolCallId).add(approvalId);
  }
}
