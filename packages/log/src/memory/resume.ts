import { type Position, type ResetReason, seqOf } from '@holdfast/protocol';
import type { ReadRequest, ReadResult, StoredEntry } from '../contract/entries.ts';
import { pageBytes } from '../limits.ts';
import { exists, type SessionState } from './state.ts';

/** The reason why the position does not hold, in the order of HF-POS-3; null when it does. */
export function whyReset(state: SessionState, after: Position): ResetReason | null {
  if (after.epoch !== state.epoch) return 'epoch';
  const seq = seqOf(after.id);
  const floor = seqOf(state.floor);
  if (seq > seqOf(state.top)) return 'ahead';
  if (seq < floor) return 'trimmed';
  const held = seq === floor ? state.floor : state.entries[seq - floor - 1]?.id;
  return held === after.id ? null : 'diverged';
}

export function readStep(state: SessionState, { after, limit }: ReadRequest): ReadResult {
  if (!exists(state)) return { kind: 'missing' };
  const { epoch, top } = state;
  const why = after && whyReset(state, after);
  if (why) return { kind: 'reset', why, epoch, top };
  const start = after ? seqOf(after.id) - seqOf(state.floor) : 0;
  const entries: StoredEntry[] = [];
  let bytes = 0;
  for (let at = start; entries.length < limit && bytes < pageBytes; at++) {
    const entry = state.entries[at];
    if (!entry) break;
    entries.push(entry);
    bytes += Buffer.byteLength(entry.body);
  }
  return { kind: 'entries', epoch, top, entries };
}
