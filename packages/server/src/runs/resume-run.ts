import type { LiveRun } from '@holdfast/log';
import { type Outcome, origin, type SendRequest } from '@holdfast/protocol';
import type { Agent } from '../contract/agent.ts';
import type { Core } from '../core.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import { forbiddenWork } from '../rights/still-allowed.ts';
import { abandon } from './abandon.ts';
import { carryOut } from './execute.ts';
import { messagesBefore } from './prompt.ts';
import { extrasOf, keepOf, runRecordOf } from './run-record.ts';

/** How long the lease is asked for, in ms. */
const retryForMs = 5_000;

/**
 * Executes an attempt of a run that another process began, if this one gets it (HF-LOG-22). Resolves, once
 * it has, with the promise of how the run ended; with null when another one has it. Rejects with the log's
 * error.
 */
export async function resumeRun(
  core: Core,
  session: string,
  { run, info, kept }: Pick<LiveRun, 'run' | 'info' | 'kept'>,
  attempt: number,
  agent: Agent,
): Promise<{ readonly done: Promise<Outcome | null> } | null> {
  const { log, environment, limits } = core;
  const { agent: agentName = '', messageId, command = '' } = runRecordOf(info);
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
    if: { lapsed: true },
  };
  const renew = () => log.renew(session, lease);
  if ((await retryUnavailable(renew, retryForMs, environment)).kind !== 'held') return null;
  const { participant, trigger, parent } = retry;
  const share = await core.hubs.acquire(session);
  const { hub } = share;
  const child = parent === undefined ? {} : { parent };
  const body: SendRequest = { id: session, command, trigger, ...extrasOf(retry) };
  const at = environment.date();
  const done = carryOut(
    core,
    share,
    body,
    { request: null, participant, agent, agentName },
    {
      run,
      attempt,
      messageId,
      // Messages that were sent to the run before it had this process are for it as well.
      through: origin,
      messages: () => messagesBefore(hub, run, messageId),
      // What the log has lost of it is lost: the next attempt begins anew.
      repeat: async () => ({ kind: 'refused', why: 'stale' }),
      // That of the first one stands in the log.
      ...(attempt === 1
        ? {}
        : {
            start: {
              k: 'run-start',
              run,
              attempt,
              agent: agentName,
              messageId,
              command,
              ...child,
              at,
            },
          }),
    },
  );
  return { done };
}
