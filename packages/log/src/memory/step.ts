import { type Outcome, seqOf } from '@holdfast/protocol';
import type { NewEntry, StoredEntry } from '../contract/entries.ts';
import type { LogLimits } from '../contract/session-log.ts';
import { sizeOf } from '../sealed-size.ts';
import { type EndedRun, put, type SessionState } from './state.ts';

/** The surroundings of a step, besides the state: the time is read once, so a step happens at one moment. */
export interface StepContext {
  readonly now: number;
  readonly limits: LogLimits;
  mintEpoch(): string;
  deliver(entry: StoredEntry): void;
  tellGap(): void;
}

export function write(
  state: SessionState,
  entry: NewEntry,
  context: StepContext,
  bytes?: number,
): void {
  context.deliver(put(state, entry, bytes));
  state.until = context.now + context.limits.retentionMs;
}

/** `by`: the append that ended it. */
export function endRun(
  state: SessionState,
  run: string,
  { outcome, by = null }: { readonly outcome: Outcome; readonly by?: EndedRun['by'] },
  { now, limits }: StepContext,
): void {
  const { cancelled = false, kept = '' } = state.runs.get(run) ?? {};
  state.bytes -= sizeOf(kept);
  state.runs.delete(run);
  // Deleted first, so that the map stays ordered by age.
  state.ended.delete(run);
  state.ended.set(run, {
    epoch: state.epoch,
    outcome,
    by,
    cancelled,
    until: now + limits.commandMs,
  });
}

/** Count of the session's stored messages, and of its entries that are not stored yet. */
export const countOf = ({ top, checkpoint, items }: SessionState): number =>
  seqOf(top) - seqOf(checkpoint) + items.length;
