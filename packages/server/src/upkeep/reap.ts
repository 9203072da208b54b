import type { Head, LiveRun } from '@holdfast/log';
import type { RunEndEntry } from '@holdfast/protocol';
import type { Core } from '../core.ts';
import { remindOfHooks } from '../runs/remind.ts';
import { messageIdOf, runRecordOf } from '../runs/run-record.ts';
import { newEntry } from '../session/new-entry.ts';
import { noteRun } from '../telemetry/metrics.ts';
import { takeOver } from './take-over.ts';

export interface Reaped {
  /** A run was ended. */
  readonly reaped: boolean;
  /** When a run that is suspected counts as lost, in ms; null where none is. */
  readonly againMs: number | null;
}

/**
 * Suspects runs whose lease has run out, and ends those that were suspected for long enough as `lost`, or as
 * `stopped` where that was asked for (HF-RUN-12, HF-LOG-24), but for those of which there is another attempt, and
 * those that this process writes itself. Whoever follows a session does this; the log lets one of them succeed.
 * Never rejects: the next look at the session tries again.
 */
export async function reapLost(core: Core, session: string, head: Head): Promise<Reaped> {
  const { log, report, attempts, limits } = core;
  const { graceMs } = limits;
  let reaped = false;
  let againMs: number | null = null;
  for (const lost of head.runs) {
    const { run, attempt, leased } = lost;
    if (leased || attempts.renew(session, run, attempt)) continue;
    try {
      const outcome = await log.suspect(session, { run, attempt, graceMs });
      if (outcome.kind === 'suspected') againMs = Math.min(againMs ?? graceMs, outcome.leftMs);
      if (outcome.kind !== 'lost' || (await takeOver(core, session, lost))) continue;
      if (await reap(core, session, lost)) reaped = true;
    } catch (error) {
      // Nobody knows whether it is taken over: it is looked at again.
      report(error, { session, run });
    }
  }
  return { reaped, againMs };
}

async function reap(
  core: Core,
  session: string,
  { run, attempt, info, cancelled }: LiveRun,
): Promise<boolean> {
  const { log, environment, limits } = core;
  const { graceMs } = limits;
  const at = environment.date();
  const messageId = messageIdOf(info);
  const named = messageId === null ? {} : { messageId };
  const outcome = cancelled ? 'stopped' : 'lost';
  const end: RunEndEntry = { k: 'run-end', run, attempt, outcome, ...named, at };
  const entry = newEntry(environment, end);
  await remindOfHooks(core, session);
  const isReaped = await log.reap(session, { run, attempt, graceMs, outcome, entry });
  if (isReaped) noteRun(outcome, runRecordOf(info).agent ?? '');
  return isReaped;
}
