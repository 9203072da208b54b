import {
  type Chunk,
  chunksBeyond,
  type Entry,
  Fold,
  foldChunks,
  isRecord,
  isSamePiece,
  type Position,
  replacePiece,
  sumOf,
  unseenIn,
} from '@holdfast/protocol';
import type { AssistantItem } from '@holdfast/protocol/projection';
import { conflict } from '../conflict.ts';
import { entryOf } from '../session/entry-of.ts';
import type { SessionHub } from '../session/hub.ts';

/** A run's chunks as they stand in the log, with the answers that come to its message from its start on. */
export interface ReplySource {
  readonly hub: SessionHub;
  readonly run: string;
  readonly messageId: string;
  /** Read behind this position. */
  readonly from: Position;
  /** The chunks up to there; null when the run had not begun. */
  readonly seen: readonly Chunk[] | null;
  /** Puts in their places what references in a chunk stand for. */
  fill(chunk: Chunk): Promise<Chunk>;
}

/** The chunks of a message that a reader of one run is given: from the run's start on, its own and answers. */
export function replyIn({ segments }: AssistantItem, run: string): readonly Chunk[] | null {
  const at = segments.findIndex((segment) => segment.run === run);
  if (at < 0) return null;
  return segments
    .slice(at)
    .flatMap((segment) => (segment.run === run || segment.run === null ? segment.fold.chunks : []));
}

/**
 * The chunks of a message for who comes to a run of it. The SDK's readers give up at an `error`: one of a run that is
 * over, and behind which the message has gone on, is not theirs.
 */
export const shownBefore = ({ segments }: AssistantItem, live: string): readonly Chunk[] =>
  segments.flatMap(({ run, fold: { chunks } }) =>
    run === live ? chunks : chunks.filter(({ type }) => type !== 'error'),
  );

/**
 * The chunks of one run behind a position, to its end, then returns. A slow consumer holds one page. Entries that
 * were stored and dropped before they were read are made up for from the folded message. Throws `conflict` when
 * that is not possible, and when another attempt of the run takes back what was streamed; returns early when the
 * session was deleted; `signal` ends it too.
 */
export async function* replyChunks(
  source: ReplySource,
  signal: AbortSignal,
): AsyncGenerator<Chunk> {
  const { hub, run, from, seen } = source;
  const cursor = hub.cursor(from);
  const fold = new Fold();
  for (const chunk of seen ?? []) take(fold, chunk);
  let hasBegun = seen !== null;
  for await (const behind of cursor.follow(signal)) {
    if (behind.kind === 'missing') return;
    let isBroken = behind.kind === 'reset';
    for (const { id, body } of behind.kind === 'entries' ? behind.entries : []) {
      cursor.pass(id);
      const entry = entryOf(body);
      if (entry?.k === 'run-start' && entry.run === run) {
        // Nothing of the attempt before it stands any more but what is sealed (HF-ENT-5).
        isBroken = hasBegun && entry.attempt > 1;
        hasBegun = true;
      }
      if (isBroken) break;
      for (const chunk of hasBegun ? chunksFor(source, entry) : [])
        if (isRecord(chunk)) {
          take(fold, chunk as Chunk);
          yield chunk as Chunk;
        }
      if (entry?.k === 'run-end' && entry.run === run) return;
    }
    if (!isBroken) continue;
    const caught = await catchUp(source, fold.chunks);
    for (const chunk of caught.chunks) {
      take(fold, chunk);
      yield chunk;
    }
    if (caught.isOver) return;
    hasBegun = true;
    cursor.moveTo(caught.position);
  }
}

/** Of a long text no more is kept than what tells it from another one. */
function take(fold: Fold, chunk: Chunk): void {
  fold.push(chunk);
  for (const at of [...fold.pieces]) {
    const piece = fold.chunks[at] as Chunk;
    replacePiece(fold, at, { ...piece, delta: { $holdfast: '', sum: sumOf(piece.delta) } });
  }
}

function chunksFor({ run, messageId }: ReplySource, entry: Entry | null): readonly unknown[] {
  const isOwn = entry?.k === 'chunks' && entry.run === run;
  const chunks = isOwn
    ? entry.c
    : entry?.k === 'answer' && entry.messageId === messageId
      ? entry.chunks
      : [];
  return Array.isArray(chunks) ? chunks : [];
}

/** The chunks that the run wrote beyond what was seen, as far as the session knows. */
async function catchUp(
  { hub, run, messageId, fill }: ReplySource,
  seen: readonly Chunk[],
): Promise<{ readonly chunks: readonly Chunk[]; position: Position; readonly isOver: boolean }> {
  return await hub.project(async (projection, position) => {
    const item = projection.item(messageId);
    const written = item?.kind === 'assistant' ? replyIn(item, run) : null;
    const whole = written && [...foldChunks(written)];
    // What is beyond is filled as it is sent.
    const begun = unseenIn(seen, whole ?? []).filter((at) => at < seen.length);
    for (const at of begun) if (whole) whole[at] = await fill(whole[at] as Chunk);
    const chunks = whole && chunksBeyond(seen, whole, isSamePiece);
    if (!chunks)
      throw conflict(
        'gone',
        'go on streaming: the session no longer has what was streamed; load it again',
      );
    return { chunks, position, isOver: projection.run(run)?.state !== 'running' };
  });
}
