import type { Chunk, Message, Writer } from '../entries.ts';
import { Fold, foldOf } from '../fold.ts';
import type { Segment, SnapshotItem } from '../frames.ts';
import { isRecord } from '../json.ts';

export interface AssistantSegment {
  readonly run: string | null;
  attempt: number;
  fold: Fold;
}

export interface AssistantItem {
  readonly kind: 'assistant';
  readonly id: string;
  readonly segments: AssistantSegment[];
  /** Who writes it, or wrote it last. */
  by?: Writer | undefined;
  /** Grows with everything that changes the item. */
  version: number;
}

/** A message of the session: kept as it came, or as the chunks that make it. */
export type ProjectedItem =
  | {
      readonly kind: 'message';
      readonly id: string;
      readonly message: Message;
      readonly by?: Writer | undefined;
    }
  | AssistantItem;

/** An item as a snapshot has it; `attemptOf` tells which attempt of a run that was. */
export function projectedOf(item: SnapshotItem, attemptOf: (run: string) => number): ProjectedItem {
  const { id, by } = item;
  if ('message' in item) return { kind: 'message', id, message: item.message, by };
  const segments = item.segments.map((segment) => ({
    run: segment.run,
    attempt: segment.run === null ? 0 : attemptOf(segment.run),
    fold: foldOf(segment),
  }));
  return { kind: 'assistant', id, segments, by, version: segments.length };
}

/** A higher attempt begins anew in the place of the one that it supersedes (HF-ENT-3). */
export function supersede(item: AssistantItem, run: string, attempt: number): void {
  item.version++;
  for (const segment of item.segments)
    if (segment.run === run && segment.attempt < attempt) {
      segment.attempt = attempt;
      segment.fold = segment.fold.sealed;
    }
}

export function seal(item: AssistantItem, run: string): void {
  item.version++;
  for (const segment of item.segments) if (segment.run === run) segment.fold.seal();
}

export function segmentOf(
  item: AssistantItem,
  run: string | null,
  attempt: number,
): AssistantSegment {
  const last = item.segments.findLast((segment) => segment.run === run);
  // Answers that come behind a further run belong behind it.
  if (last && (run !== null || last === item.segments.at(-1))) return last;
  const segment: AssistantSegment = { run, attempt, fold: new Fold() };
  item.segments.push(segment);
  return segment;
}

/** What of a run stays when another attempt begins. */
export const keptOf = (item: ProjectedItem, run: string): readonly Chunk[] =>
  item.kind === 'message'
    ? []
    : item.segments.flatMap((each) => (each.run === run ? each.fold.sealed.chunks : []));

export function push(
  item: AssistantItem,
  segment: AssistantSegment,
  chunks: readonly Chunk[],
): void {
  if (!Array.isArray(chunks)) return;
  item.version++;
  for (const chunk of chunks)
    if (isRecord(chunk) && typeof chunk.type === 'string') segment.fold.push(chunk as Chunk);
}

export const segmentsOfItem = (item: AssistantItem): Segment[] =>
  item.segments.map(({ run, fold }) => ({
    run,
    chunks: [...fold.chunks],
    ...(fold.sealedCount === 0 ? {} : { sealed: fold.sealedCount }),
  }));

export const chunksOfItem = (item: AssistantItem): Chunk[] =>
  item.segments.flatMap(({ fold }) => fold.chunks);
