import type { SessionLog } from '@holdfast/log';
import { type Chunk, isRecord, type Position } from '@holdfast/protocol';
import { entryOf, type SessionHub } from '../session/hub.ts';

/** A run's chunks as they stand in the log. */
export interface ReplySource {
  readonly log: SessionLog;
  readonly hub: SessionHub;
  readonly run: string;
  /** Read behind this position. */
  readonly from: Position;
}

const page = 200;

/**
 * The chunks of one run behind a position, to its end, then returns. Reads the log page by page and
 * waits for the hub in between, so that a slow consumer holds one page. Ends early when the log was
 * lost or the session deleted; `signal` ends it too.
 */
export async function* replyChunks(
  source: ReplySource,
  signal: AbortSignal,
): AsyncGenerator<Chunk> {
  const { log, hub, run } = source;
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
      if (read.kind !== 'entries') return;
      for (const { id, body } of read.entries) {
        position = { epoch: read.epoch, id };
        const entry = entryOf(body);
        if (entry?.k === 'chunks' && entry.run === run && Array.isArray(entry.c))
          for (const chunk of entry.c) if (isRecord(chunk)) yield chunk as Chunk;
        if (entry?.k === 'run-end' && entry.run === run) return;
      }
      if (read.entries.length === 0 && !signal.aborted) await moved;
    }
  } finally {
    unlisten();
    signal.removeEventListener('abort', advance);
  }
}
