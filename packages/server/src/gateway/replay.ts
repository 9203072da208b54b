import type { StoredEntry } from '@holdfast/log';
import type { Limits, ResetReason } from '@holdfast/protocol';
import type { LogCursor } from '../session/cursor.ts';

/** The entries that a client has missed that was at a position. */
export type Replay =
  | {
      readonly kind: 'entries';
      readonly epoch: string;
      readonly top: string;
      readonly entries: readonly StoredEntry[];
    }
  /** The position does not hold. */
  | { readonly kind: 'reset'; readonly why: ResetReason };

/**
 * Null when the entries are so many that a snapshot is the better answer (HF-SUB-2). The log is asked only where what
 * was delivered here does not reach back to the position.
 */
export async function replayFrom(
  cursor: LogCursor,
  limits: Pick<Limits, 'replayBytes'>,
): Promise<Replay | null> {
  const { delivered, epoch } = cursor;
  if (!delivered) return await readFrom(cursor, limits);
  const bytes = delivered.reduce((sum, { body }) => sum + body.length, 0);
  const top = delivered.at(-1)?.id ?? cursor.id;
  return bytes > limits.replayBytes ? null : { kind: 'entries', epoch, top, entries: delivered };
}

async function readFrom(
  cursor: LogCursor,
  limits: Pick<Limits, 'replayBytes'>,
): Promise<Replay | null> {
  const entries: StoredEntry[] = [];
  let bytes = 0;
  for (;;) {
    const read = await cursor.read();
    if (read.kind === 'missing') return { kind: 'reset', why: 'epoch' };
    if (read.kind === 'reset') return read;
    for (const entry of read.entries) {
      entries.push(entry);
      bytes += entry.body.length;
      cursor.pass(entry.id);
    }
    if (bytes > limits.replayBytes) return null;
    if (cursor.id === read.top || read.entries.length === 0)
      return { kind: 'entries', epoch: read.epoch, top: read.top, entries };
  }
}
