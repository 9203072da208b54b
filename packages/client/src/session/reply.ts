import {
  type Chunk,
  chunksBeyond,
  type Fold,
  foldOf,
  type HoldfastError,
  isRecord,
  type RunInfo,
} from '@holdfast/protocol';
import { abortError } from '../abort.ts';
import { unable } from '../errors.ts';
import type { Content } from './reader.ts';

/** What one run, or answers of clients, wrote into a message. */
export interface Segment {
  /** Null for answers of clients. */
  readonly run: string | null;
  fold: Fold;
}

/** The SDK cannot take back what it was given, so the stream ends and a resumed one begins anew. */
export const goneError = (): HoldfastError =>
  unable('conflict', 'continue the reply: it changed; resume it');

export const isChunk = (value: unknown): value is Chunk =>
  isRecord(value) && typeof value.type === 'string';

export const isLive = (run: RunInfo): boolean => run.state === 'running';

export const segmentOf = (
  run: string | null,
  content: Parameters<typeof foldOf>[0] = { chunks: [] },
): Segment => ({ run, fold: foldOf(content) });

/** How a stream of these runs ends: nothing for a normal end, else its error. */
export function endOf(runs: readonly RunInfo[], content: Content): Error | undefined {
  const { state } = runs.at(-1) ?? {};
  if (state === 'stopped') return abortError();
  const saysSo = (): boolean =>
    content.some(({ chunks }) => chunks.some(({ type }) => type === 'error'));
  // An agent says in a chunk that it failed; one that died, however often it was tried, cannot.
  return state === 'lost' || (state === 'failed' && !saysSo())
    ? unable('unavailable', 'finish the reply: its agent was lost; ask for it again')
    : undefined;
}

/** `chunksBeyond`, segment by segment: an earlier run may go on behind an answer. */
export function contentBeyond(seen: Content, whole: Content): Chunk[] | null {
  if (seen.length > whole.length) return null;
  const beyond: Chunk[] = [];
  for (const [at, segment] of whole.entries()) {
    const before = seen[at];
    const more =
      before && before.run !== segment.run
        ? null
        : chunksBeyond(before?.chunks ?? [], segment.chunks);
    if (!more) return null;
    beyond.push(...more);
  }
  return beyond;
}
