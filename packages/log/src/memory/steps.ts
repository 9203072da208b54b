import { type Outcome, type Position, seqOf } from '@holdfast/protocol';
import type { NewEntry, StoredEntry } from '../contract/entries.ts';
import type {
  AppendCommand,
  AppendOutcome,
  CancelCommand,
  CancelOutcome,
  KnownCommand,
  LeaseCommand,
  LeaseOutcome,
  ReapCommand,
  SendCommand,
  SendConditions,
  SendOutcome,
  SendRefusal,
  SuspectCommand,
  SuspectOutcome,
} from '../contract/runs.ts';
import type { LogLimits } from '../contract/session-log.ts';
import { markMs, maxMarks, staleGraces } from '../limits.ts';
import { sizeOf, sizeOfAll } from '../sealed-size.ts';
import { whyReset } from './resume.ts';
import {
  type CommandRecord,
  checkPlace,
  type EndedRun,
  exists,
  type LiveRunState,
  put,
  type SessionState,
} from './state.ts';

/** The surroundings of a step, besides the state: the time is read once, so a step happens at one moment. */
export interface StepContext {
  readonly now: number;
  readonly limits: LogLimits;
  mintEpoch(): string;
  deliver(entry: StoredEntry): void;
  tellGap(): void;
}

function write(state: SessionState, entry: NewEntry, context: StepContext, bytes?: number): void {
  context.deliver(put(state, entry, bytes));
  state.until = context.now + context.limits.retentionMs;
}

function endRun(
  state: SessionState,
  run: string,
  outcome: Outcome,
  by: EndedRun['by'],
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

function sentBefore(state: SessionState, { command, digest }: SendCommand): SendOutcome | null {
  const record = state.commands.get(command);
  if (!record) return null;
  if (digest !== undefined && record.digest !== undefined && digest !== record.digest)
    return refused('other');
  return { kind: 'duplicate', ...knownOf(state, record) };
}

function knownOf(state: SessionState, { before, run }: CommandRecord): KnownCommand {
  const { epoch } = state;
  if (!run) return { epoch, before };
  const ended = state.ended.get(run.run)?.outcome ?? 'lost';
  return { epoch, before, run: { ...run, state: state.runs.has(run.run) ? 'running' : ended } };
}

const refused = (why: SendRefusal): SendOutcome => ({ kind: 'refused', why });

/** True when a command was accepted behind the position, or may have been: the log lost it (HF-LOG-8). */
function isStale(state: SessionState, seen: Position): boolean {
  if (seen.epoch !== state.epoch || seqOf(state.sent) > seqOf(seen.id)) return true;
  const why = exists(state) ? whyReset(state, seen) : null;
  return why !== null && why !== 'trimmed';
}

/** The first condition that does not hold, by its refusal. */
function unmetBy(
  state: SessionState,
  { noSendSince, held, idle, runLive }: SendConditions,
): SendRefusal | null {
  if (noSendSince && isStale(state, noSendSince)) return 'stale';
  if (held !== undefined && held !== state.isHeld) return state.isHeld ? 'held' : 'free';
  if (idle && state.runs.size > 0) return 'busy';
  if (runLive !== undefined && !state.runs.has(runLive)) return 'ended';
  return null;
}

export function commandStep(state: SessionState, command: string): KnownCommand | null {
  const record = state.commands.get(command);
  return record ? knownOf(state, record) : null;
}

/** How many entries and messages the session has. */
const countOf = (state: SessionState): number => state.entries.length + state.items.length;

export function sendStep(
  state: SessionState,
  command: SendCommand,
  context: StepContext,
): SendOutcome {
  const { now, limits } = context;
  const first = sentBefore(state, command);
  if (first) return first;
  const unmet = command.if && unmetBy(state, command.if);
  if (unmet) return refused(unmet);
  const { digest, entries } = command;
  const bytes = sizeOfAll(entries) + sizeOf(command.run?.kept ?? '');
  if (state.bytes + bytes > limits.sessionBytes) return refused('full');
  if (countOf(state) + entries.length > limits.sessionEntries) return refused('full');
  // The memory of commands is no part of the session, and has a bound of its own.
  if (state.commands.size >= limits.sessionEntries) return refused('full');
  const behind = entries[0]?.behind;
  checkPlace(state, behind);
  if (!exists(state)) state.epoch = behind?.epoch ?? context.mintEpoch();
  state.until = now + limits.retentionMs;
  const { epoch, top: before } = state;
  for (const entry of entries) write(state, entry, context);
  state.sent = state.top;
  state.isHeld = command.setHold ?? state.isHeld;
  const stopped = state.marks.delete(command.command);
  const until = now + limits.commandMs;
  if (!command.run) {
    state.commands.set(command.command, { before, digest, run: null, until });
    return { kind: 'accepted', epoch, before };
  }
  const { run, info, leaseMs, kept = '' } = command.run;
  state.bytes += sizeOf(kept) - sizeOf(state.runs.get(run)?.kept ?? '');
  state.commands.set(command.command, { before, digest, run: { run, info }, until });
  state.runs.set(run, {
    attempt: 1,
    next: 1,
    cancelled: stopped,
    leaseUntil: now + leaseMs,
    leaseMs,
    suspectedSince: null,
    info,
    kept,
  });
  state.ended.delete(run);
  if (stopped) {
    write(state, command.run.stopped, context);
    endRun(state, run, 'stopped', null, context);
  }
  return {
    kind: 'accepted',
    epoch,
    before,
    run: { run, info, state: stopped ? 'stopped' : 'running' },
  };
}

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
  if (end) endRun(state, name, end.outcome, { attempt, seq, nonce: entry.nonce }, context);
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
  endRun(state, reap.run, outcome, null, context);
  return true;
}

/** The session's live runs are remembered as ended, so that their writers cannot bring it back. */
export function deleteStep(state: SessionState, context: StepContext): boolean {
  state.marks.clear();
  if (!exists(state)) return false;
  for (const run of [...state.runs.keys()]) endRun(state, run, 'lost', null, context);
  return true;
}
