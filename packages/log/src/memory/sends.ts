import { type Position, seqOf } from '@holdfast/protocol';
import type {
  KnownCommand,
  SendCommand,
  SendConditions,
  SendOutcome,
  SendRefusal,
} from '../contract/sends.ts';
import type { LogLimits } from '../contract/session-log.ts';
import { sizeOf, sizeOfAll } from '../sealed-size.ts';
import { whyReset } from './resume.ts';
import { type CommandRecord, checkPlace, exists, type SessionState } from './state.ts';
import { countOf, endRun, type StepContext, write } from './step.ts';

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
  { begun, noSendSince, held, idle, runLive }: SendConditions,
): SendRefusal | null {
  if (begun && !exists(state)) return 'gone';
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
  if (isFull(state, command, limits)) return refused('full');
  const { digest, entries } = command;
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
  const { run, info } = command.run;
  state.commands.set(command.command, { before, digest, run: { run, info }, until });
  startRun(state, command.run, stopped, context);
  return {
    kind: 'accepted',
    epoch,
    before,
    run: { run, info, state: stopped ? 'stopped' : 'running' },
  };
}

/** True when the command has no room, in the session or among the commands that are remembered. */
function isFull(
  state: SessionState,
  { entries, run }: SendCommand,
  { sessionBytes, sessionEntries }: LogLimits,
): boolean {
  const bytes = sizeOfAll(entries) + sizeOf(run?.kept ?? '');
  if (state.bytes + bytes > sessionBytes) return true;
  if (countOf(state) + entries.length > sessionEntries) return true;
  // The memory of commands is no part of the session, and has a bound of its own.
  return state.commands.size >= sessionEntries;
}

/** A run whose command was cancelled before it came has ended when it begins. */
function startRun(
  state: SessionState,
  { run, info, leaseMs, stopped, kept = '' }: NonNullable<SendCommand['run']>,
  isStopped: boolean,
  context: StepContext,
): void {
  state.bytes += sizeOf(kept) - sizeOf(state.runs.get(run)?.kept ?? '');
  state.runs.set(run, {
    attempt: 1,
    next: 1,
    cancelled: isStopped,
    leaseUntil: context.now + leaseMs,
    leaseMs,
    suspectedSince: null,
    info,
    kept,
  });
  if (!isStopped) return;
  write(state, stopped, context);
  endRun(state, run, { outcome: 'stopped' }, context);
}
