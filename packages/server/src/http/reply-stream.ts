import type { SessionLog } from '@holdfast/log';
import {
  type Chunk,
  chunksBeyond,
  Fold,
  HoldfastError,
  isRecord,
  type Position,
} from '@holdfast/protocol';
import { segmentsOfItem } from '@holdfast/protocol/projection';
import { entryOf } from '../session/entry-of.ts';
import type { SessionHub } from '../session/hub.ts';

/** A run's chunks as they stand in the log. */
export interface ReplySource {
  readonly log: SessionLog;
  readonly hub: SessionHub;
  readonly run: string;
  readonly messageId: string;
  /** Read behind this position. */
  readonly from: Position;
  /** What the run wrote up to there. */
  readonly seen: readonly Chunk[];
}

const page = 200;

/**
 * The chunks of one run behind a position, to its end, then returns. Reads the log page by page and
 * waits for the hub in between, so that a slow consumer holds one page. Entries that were stored and
 * dropped before they were read are made up for from the folded message. Throws `conflict` when that
 * is not possible; returns early when the session was deleted; `signal` ends it too.
 */
export async function* replyChunks(
  source: ReplySource,
  signal: AbortSignal,
): AsyncGenerator<Chunk> {
  const { log, hub, run } = source;
  const fold = new Fold();
  for (const chunk of source.seen) fold.push(chunk);
  let position = source.from;
  let wake = () => {};
  const advance = () => wake();
  const unlisten = hub.listen({ advanced: advance, reset: advance, deleted: advance });
  signal.addEventListener('abort', advance);
  try {
    while (!signal.aborted) {
      const moved = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const read = await log.read(hub.session, { after: position, limit: page });
      if (read.kind === 'missing') return;
      if (read.kind === 'reset') {
        const caught = await catchUp(source, fold.chunks);
        for (const chunk of caught.chunks) {
          fold.push(chunk);
          yield chunk;
        }
        if (caught.isOver) return;
        position = caught.position;
        continue;
      }
      for (const { id, body } of read.entries) {
        position = { epoch: read.epoch, id };
        const entry = entryOf(body);
        if (entry?.k === 'chunks' && entry.run === run && Array.isArray(entry.c))
          for (const chunk of entry.c)
            if (isRecord(chunk)) {
              fold.push(chunk as Chunk);
              yield chunk as Chunk;
            }
        if (entry?.k === 'run-end' && entry.run === run) return;
      }
      if (read.entries.length === 0 && !signal.aborted) await moved;
    }
  } finally {
    unlisten();
    signal.removeEventListener('abort', advance);
  }
}

/** What the run wrote beyond what was seen, as far as the session knows. */
async function catchUp(
  { hub, run, messageId }: ReplySource,
  seen: readonly Chunk[],
): Promise<{ readonly chunks: readonly Chunk[]; position: Position; readonly isOver: boolean }> {
  return await hub.project((projection, position) => {
    const item = projection.item(messageId);
    const segments = item?.kind === 'assistant' ? segmentsOfItem(item) : [];
    const written = segments.find((segment) => segment.run === run)?.chunks ?? [];
    const chunks = chunksBeyond(seen, written);
    if (!chunks || item?.kind !== 'assistant')
      throw new HoldfastError(
        'conflict',
        'unable to go on streaming: the session no longer has what was streamed; load it again',
      );
    return { chunks, position, isOver: projection.run(run)?.state !== 'running' };
  });
}
