import type { SessionLog, StoredEntry } from '@holdfast/log';
import type { Limits, Position, ResetReason } from '@holdfast/protocol';

/** What a client that was at a position has missed. */
export type Replay =
  | {
      readonly kind: 'entries';
      readonly epoch: string;
      readonly top: string;
      readonly entries: readonly StoredEntry[];
    }
  /** The position does not hold. */
  | { readonly kind: 'reset'; readonly why: ResetReason };

interface Source {
  readonly log: SessionLog;
  readonly session: string;
  readonly limits: Pick<Limits, 'replayBytes'>;
}

const page = 200;

/** Null when the entries are so many that a snapshot is the better answer (HF-SUB-2). */
export async function replayFrom(
  { log, session, limits }: Source,
  position: Position,
): Promise<Replay | null> {
  const entries: StoredEntry[] = [];
  let bytes = 0;
  for (let after = position; ; ) {
    const read = await log.read(session, { after, limit: page });
    if (read.kind === 'missing') return { kind: 'reset', why: 'epoch' };
    if (read.kind === 'reset') return read;
    for (const entry of read.entries) {
      entries.push(entry);
      bytes += entry.body.length;
    }
    const last = entries.at(-1)?.id ?? position.id;
    if (bytes > limits.replayBytes) return null;
    if (last === read.top || read.entries.length === 0)
      return { kind: 'entries', epoch: read.epoch, top: read.top, entries };
    after = { epoch: read.epoch, id: last };
  }
}
