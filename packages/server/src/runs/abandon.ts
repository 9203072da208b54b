import type { LeaseCommand } from '@holdfast/log';
import type { Outcome, RunEndEntry } from '@holdfast/protocol';
import type { Core } from '../core.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import { newEntry } from '../session/new-entry.ts';
import { noteRun } from '../telemetry/metrics.ts';
import { afterRun } from './execute.ts';
import { remindOfHooks } from './remind.ts';
import { messageIdOf, runRecordOf } from './run-record.ts';

/** How long it is repeated to the log, in ms. */
const retryForMs = 5_000;

/**
 * Ends a run that no process works on, in the place of its next attempt, and looks after the session then. False when
 * another one is at it, or it has ended. Rejects with the log's error.
 */
export async function abandon(
  core: Core,
  session: string,
  { run, attempt, info }: { readonly run: string; readonly attempt: number; readonly info: string },
  { outcome, reason }: { readonly outcome: Outcome; readonly reason?: string },
): Promise<boolean> {
  const { log, environment, limits } = core;
  const lease: LeaseCommand = {
    run,
    attempt,
    leaseMs: limits.leaseMs,
    holder: environment.id(),
    if: { lapsed: true },
  };
  const write = <T>(act: () => Promise<T>) => retryUnavailable(act, retryForMs, environment);
  if ((await write(() => log.renew(session, lease))).kind !== 'held') return false;
  const messageId = messageIdOf(info);
  const { agent = '', durability } = runRecordOf(info);
  const end: RunEndEntry = {
    k: 'run-end',
    run,
    attempt,
    outcome,
    ...(messageId === null ? {} : { messageId }),
    ...(reason === undefined ? {} : { reason }),
    at: environment.date(),
  };
  const entry = newEntry(environment, end);
  // The start of a first attempt stands in the log, and counts as its entry 0.
  const append = {
    run,
    attempt,
    seq: attempt === 1 ? 1 : 0,
    entry,
    end: { outcome },
    ...(durability && { durability }),
  };
  await remindOfHooks(core, session);
  const { kind } = await write(() => log.append(session, append));
  const isEnded = kind === 'appended' || kind === 'duplicate';
  if (!isEnded) return false;
  noteRun(outcome, agent);
  void afterRun(core, session);
  return true;
}

/** Ends a run that was stopped and that waits for a worker, or for its engine's next step: it need not wait for that. */
export async function endUnheld(core: Core, session: string, run: string): Promise<void> {
  const live = await core.log.run(session, run);
  if (live?.state === 'running' && runRecordOf(live.info).by !== undefined)
    await abandon(core, session, live, { outcome: 'stopped' });
}
