import type { Chunk, Message, Writer } from '../entries.ts';
import { foldOf } from '../fold.ts';
import type { Segment, SnapshotItem } from '../frames.ts';
import { isRecord } from '../json.ts';
import { isTextReference } from '../text-references.ts';
import type { WrittenSegment } from './segments.ts';

/** A message into which runs write, as the chunks that make it. */
export interface AssistantItem {
  readonly kind: 'assistant';
  /** Id of the message. */
  readonly id: string;
  /** In log order; one run may have several. */
  readonly segments: WrittenSegment[];
  /** The writer, or the last one of several. */
  by?: Writer | undefined;
  /** Grows with everything that changes the item. */
  version: number;
}

/** A message that is kept as a whole: it came so, or nothing more is written into it. */
export interface MessageItem {
  readonly kind: 'message';
  /** Id of the message. */
  readonly id: string;
  /** The whole message. */
  readonly message: Message;
  /** The writer, as the server established it; undefined where that is not known. */
  readonly by?: Writer | undefined;
  /** True where a run that wrote into it did not come to a good end; its runs may be forgotten by then. */
  readonly unfinished?: true | undefined;
}

/** A message of the session: kept as it came, or as the chunks that make it. */
export type ProjectedItem = MessageItem | AssistantItem;

/** An item of a snapshot, with what those who store it note down beside it. */
export type LoadedItem = SnapshotItem & Pick<MessageItem, 'unfinished'>;

export function projectedOf(item: LoadedItem): ProjectedItem {
  if ('message' in item) return { ...item, kind: 'message' };
  const { id, by } = item;
  const segments = item.segments.map((segment) => ({ run: segment.run, fold: foldOf(segment) }));
  return { kind: 'assistant', id, segments, by, version: segments.length };
}

export function seal(item: AssistantItem, run: string): void {
  item.version++;
  for (const segment of item.segments) if (segment.run === run) segment.fold.seal();
}

/** The chunks of a run that stay when another attempt begins. */
export const keptOf = (item: ProjectedItem, run: string): readonly Chunk[] =>
  item.kind === 'message'
    ? []
    : item.segments.flatMap((each) => (each.run === run ? each.fold.sealed.chunks : []));

export function push(item: AssistantItem, segment: WrittenSegment, chunks: readonly Chunk[]): void {
  if (!Array.isArray(chunks)) return;
  item.version++;
  for (const chunk of chunks)
    if (isRecord(chunk) && typeof chunk.type === 'string') segment.fold.push(chunk as Chunk);
}

/** The segments as a snapshot has them. */
export const segmentsOfItem = (item: AssistantItem): Segment[] =>
  item.segments.map(({ run, fold }) => ({
    run,
    chunks: [...fold.chunks],
    ...(fold.sealedCount === 0 ? {} : { sealed: fold.sealedCount }),
  }));

/** True where references stand in the place of pieces of its texts (HF-FOLD-5). */
export const isPieced = (item: AssistantItem): boolean =>
  item.segments.some(({ fold }) => fold.chunks.some(({ delta }) => isTextReference(delta)));

/** All chunks of the message, in log order. */
export const chunksOfItem = (item: AssistantItem): Chunk[] =>
  item.segments.flatMap(({ fold }) => fold.chunks);
