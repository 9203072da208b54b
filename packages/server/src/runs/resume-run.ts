import type { LiveRun } from '@holdfast/log';
import { type Outcome, origin } from '@holdfast/protocol';
import type { Agent } from '../contract/agent.ts';
import type { Core } from '../core.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import { forbiddenWork } from '../rights/still-allowed.ts';
import { abandon } from './abandon.ts';
import { carryOut } from './execute.ts';
import { messagesBefore } from './prompt.ts';
import { extrasOf, keepOf, runRecordOf } from './run-record.ts';

/** Which attempt goes on with a run, and with which agent. */
export interface Resumption {
  readonly session: string;
  readonly attempt: number;
  readonly agent: Agent;
}

/**
 * Executes an attempt of a run that another process began, if this one gets it (HF-LOG-22). Resolves, once
 * it has, with the promise of how the run ended; with null when another one has it. Rejects with the log's
 * error.
 */
export async function resumeRun(
  core: Core,
  { session, attempt, agent }: Resumption,
  { run, info, kept }: Pick<LiveRun, 'run' | 'info' | 'kept'>,
): Promise<{ readonly done: Promise<Outcome | null> } | null> {
  const { log, environment, limits } = core;
  const {
    agent: agentName = '',
    messageId,
    command = '',
    traceparent,
    durability,
  } = runRecordOf(info);
  const retry = keepOf(kept);
  if (!retry || messageId === undefined) return null;
  if (!(await core.isStillAllowed(session, retry.participant))) {
    const end = { outcome: 'failed' as const, reason: 'forbidden' };
    if (await abandon(core, session, { run, attempt, info }, end))
      core.report(forbiddenWork(), { session, run });
    return null;
  }
  const lease = {
    run,
    attempt,
    leaseMs: limits.leaseMs,
    holder: environment.id(),
    if: { lapsed: true as const },
  };
  const renew = () => log.renew(session, lease);
  // Whoever asks anew is another holder: where it is not known whether this one has the run, nobody else gets it.
  if ((await retryUnavailable(renew, limits.retryForMs, environment)).kind !== 'held') return null;
  const { participant, trigger, parent } = retry;
  const child = parent === undefined ? {} : { parent };
  const traced = traceparent === undefined ? {} : { traceparent };
  const begins = { k: 'run-start' as const, run, attempt, agent: agentName, messageId, command };
  return {
    done: carryOut(core, {
      session,
      run,
      attempt,
      messageId,
      agentName,
      agent,
      participant,
      request: null,
      trigger,
      traceparent,
      durability,
      ...extrasOf(retry),
      // Messages that were sent to the run before it had this process are for it as well.
      through: origin,
      messages: (hub) => messagesBefore(hub, run, messageId),
      // Chunks that the log has lost are lost: the next attempt begins anew.
      restart: async () => false,
      // The start of the first attempt stands in the log.
      ...(attempt === 1
        ? {}
        : { start: { ...begins, ...child, ...traced, at: environment.date() } }),
    }),
  };
}
