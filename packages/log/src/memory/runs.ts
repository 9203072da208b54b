import type { NewEntry } from '../contract/entries.ts';
import type {
  AppendCommand,
  AppendOutcome,
  CancelCommand,
  CancelOutcome,
  LeaseCommand,
  LeaseOutcome,
  ReapCommand,
  SuspectCommand,
  SuspectOutcome,
} from '../contract/runs.ts';
import { markMs, maxMarks, staleGraces } from '../limits.ts';
import { sizeOf } from '../sealed-size.ts';
import { checkPlace, exists, type LiveRunState, type SessionState } from './state.ts';
import { countOf, endRun, type StepContext, write } from './step.ts';

function afterEnd(state: SessionState, append: AppendCommand): AppendOutcome {
  const ended = state.ended.get(append.run);
  if (!ended) return { kind: 'unknown' };
  const { by, cancelled } = ended;
  const repeated =
    ended.epoch === state.epoch &&
    by?.attempt === append.attempt &&
    by.seq === append.seq &&
    by.nonce === append.entry.nonce;
  return repeated ? { kind: 'duplicate', cancelled } : { kind: 'closed' };
}

/** Since when a run is suspected whose process has given it up: for longer than anybody waits. */
const givenUp = Number.NEGATIVE_INFINITY;

/** A writer that writes or renews is alive, and not suspected any more. */
function extend(run: LiveRunState, now: number): void {
  run.leaseUntil = now + run.leaseMs;
  run.suspectedSince = null;
}

export function appendStep(
  state: SessionState,
  append: AppendCommand,
  context: StepContext,
): AppendOutcome {
  const { run: name, attempt, seq, entry, end } = append;
  const run = state.runs.get(name);
  if (!run) return afterEnd(state, append);
  if (attempt < run.attempt) return { kind: 'fenced' };
  // An attempt that takes over begins with an entry of its own, which starts it.
  const next = attempt > run.attempt ? 0 : run.next;
  if (seq < next) {
    extend(run, context.now);
    return { kind: 'duplicate', cancelled: run.cancelled };
  }
  if (seq > next) return { kind: 'gap', expected: next };
  const { sessionBytes, sessionEntries } = context.limits;
  const bytes = sizeOf(entry.body);
  const isFull = state.bytes + bytes > sessionBytes || countOf(state) >= sessionEntries;
  if (!end && isFull) return { kind: 'full' };
  checkPlace(state, entry.behind);
  write(state, entry, context, bytes);
  if (attempt > run.attempt) run.holder = undefined;
  run.attempt = attempt;
  run.next = seq + 1;
  extend(run, context.now);
  if (end) endRun(state, name, { ...end, by: { attempt, seq, nonce: entry.nonce } }, context);
  return { kind: 'appended', cancelled: run.cancelled };
}

export function renewStep(
  state: SessionState,
  { run: name, attempt, leaseMs, holder, if: conditions }: LeaseCommand,
  { now, limits, tellGap }: StepContext,
): LeaseOutcome {
  const run = state.runs.get(name);
  if (!run) return { kind: state.ended.has(name) ? 'closed' : 'unknown' };
  if (attempt < run.attempt) return { kind: 'fenced' };
  if (attempt > run.attempt) {
    if (conditions?.lapsed && run.leaseUntil > now) return { kind: 'refused', why: 'leased' };
    run.attempt = attempt;
    run.next = 0;
    run.holder = holder;
  }
  if (holder !== undefined) {
    run.holder ??= holder;
    if (run.holder !== holder) return { kind: 'fenced' };
  }
  if (leaseMs === 0) {
    run.leaseUntil = now;
    run.suspectedSince = givenUp;
    tellGap();
    return { kind: 'held', cancelled: run.cancelled };
  }
  run.leaseMs = leaseMs;
  extend(run, now);
  state.until = now + limits.retentionMs;
  return { kind: 'held', cancelled: run.cancelled };
}

/** The run that a cancel names; a command that has not come yet is marked (HF-FRM-5). */
export function findCancelled(
  state: SessionState,
  target: CancelCommand['target'],
  now: number,
): { readonly run: string } | CancelOutcome['state'] {
  if ('run' in target) return target;
  const record = state.commands.get(target.command);
  if (record) return record.run ?? 'finished';
  if (!state.marks.delete(target.command) && state.marks.size >= maxMarks) return 'full';
  state.marks.set(target.command, now + markMs);
  return 'stopping';
}

export function cancelStep(
  state: SessionState,
  name: string,
  entry: NewEntry,
  context: StepContext,
): CancelOutcome {
  const run = state.runs.get(name);
  if (!run) {
    const ended = state.ended.get(name);
    const known = exists(state) && ended?.epoch === state.epoch;
    return known ? { state: 'finished', run: name } : { state: 'missing' };
  }
  if (!run.cancelled) {
    checkPlace(state, entry.behind);
    write(state, entry, context);
    run.cancelled = true;
  }
  return { state: 'stopping', run: name };
}

export function suspectStep(
  state: SessionState,
  { run: name, attempt, graceMs }: SuspectCommand,
  { now }: StepContext,
): SuspectOutcome {
  const run = state.runs.get(name);
  if (!run || run.attempt !== attempt || run.leaseUntil > now) return { kind: 'alive' };
  const { suspectedSince } = run;
  if (suspectedSince === givenUp) return { kind: 'lost' };
  const isStale = suspectedSince === null || now - suspectedSince > staleGraces * graceMs;
  const since = isStale ? now : suspectedSince;
  run.suspectedSince = since;
  const leftMs = Math.ceil(graceMs - (now - since));
  return leftMs > 0 ? { kind: 'suspected', leftMs } : { kind: 'lost' };
}

export function reapStep(state: SessionState, reap: ReapCommand, context: StepContext): boolean {
  const run = state.runs.get(reap.run);
  if (!run || run.attempt !== reap.attempt || run.leaseUntil > context.now) return false;
  const { graceMs = 0, outcome = 'lost' } = reap;
  const { suspectedSince } = run;
  run.suspectedSince ??= context.now;
  if (suspectedSince === null || context.now - suspectedSince < graceMs) return false;
  checkPlace(state, reap.entry.behind);
  write(state, reap.entry, context);
  endRun(state, reap.run, { outcome }, context);
  return true;
}

/** The session's live runs are remembered as ended, so that their writers cannot bring it back. */
export function deleteStep(state: SessionState, context: StepContext): boolean {
  state.marks.clear();
  if (!exists(state)) return false;
  for (const run of [...state.runs.keys()]) endRun(state, run, { outcome: 'lost' }, context);
  return true;
}
