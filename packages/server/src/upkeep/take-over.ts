import type { ClaimCommand, LiveRun } from '@holdfast/log';
import { HoldfastError } from '@holdfast/protocol';
import type { DecideOnLost, OnLost } from '../contract/options.ts';
import type { Core } from '../core.ts';
import { givenOnLost } from '../given.ts';
import { abandon } from '../runs/abandon.ts';
import { dispatchRun } from '../runs/dispatch-run.ts';
import { noticeOf } from '../runs/noticed.ts';
import { resumeRun } from '../runs/resume-run.ts';
import { runRecordOf } from '../runs/run-record.ts';
import { within } from '../within.ts';

/** How long it is known that a run was found lost, after nobody came for it, in ms. */
const noticedMs = 600_000;

/**
 * How long a process that has the agent is waited for: this many leases, and at least so many ms. Such
 * processes look around every 5 s, and may have the runs of a whole process to take over.
 */
const waitLeases = 2;
const leastWaitMs = 20_000;

/**
 * Goes on with a run whose process has died, as its next attempt, where the application wants that: here,
 * or on a worker (HF-RUN-16). False when the run is to end as lost. Rejects with the log's error, as `onLost` does, and
 * with `unavailable` when that does not answer in time, or no worker could be told.
 */
export async function takeOver(core: Core, session: string, lost: LiveRun): Promise<boolean> {
  const { dispatch, limits } = core;
  const { run, info } = lost;
  const { agent: agentName = '', messageId, by } = runRecordOf(info);
  const attempt = lost.attempt + 1;
  if (lost.kept === '' || messageId === undefined || lost.cancelled) return false;
  const asked = { sessionId: session, runId: run, agentName, attempt: lost.attempt };
  if ((await wishOf(core, asked)) !== 'retry') return false;
  if (attempt > core.maxAttempts) {
    await abandon(core, session, { run, attempt, info }, { outcome: 'failed', reason: 'attempts' });
    return true;
  }
  const notice = noticeOf(run, attempt);
  if (dispatch && by === 'worker') {
    if (!(await isAwaited(core, session, notice, limits.dispatchMs))) return false;
    await dispatchRun(core, { session, run, attempt, agent: agentName });
    return true;
  }
  const agent = core.scheduler.agent(agentName);
  if (!agent) {
    const waitMs = Math.max(waitLeases * limits.leaseMs, leastWaitMs);
    return await isAwaited(core, session, notice, waitMs);
  }
  await resumeRun(core, { session, attempt, agent }, lost);
  return true;
}

/** The wish of the application, which has `authorizeMs` for it: no look at the session may wait for ever. */
async function wishOf(
  { onLost, environment, limits: { authorizeMs } }: Core,
  asked: Parameters<DecideOnLost>[0],
): Promise<OnLost> {
  if (typeof onLost !== 'function') return onLost;
  const late = () => {
    throw new HoldfastError(
      'unavailable',
      `unable to tell what becomes of a lost run: \`onLost\` took longer than ${authorizeMs} ms; it is asked again`,
    );
  };
  return givenOnLost(await within(environment, authorizeMs, onLost(asked), late));
}

/**
 * True while a process that has the agent may still come. The first to find the run lost claims `notice`;
 * what is left of the claim tells all who look later whether that is longer ago than `waitMs`.
 */
async function isAwaited(
  { log, environment }: Core,
  session: string,
  notice: Omit<ClaimCommand, 'leaseMs'>,
  waitMs: number,
): Promise<boolean> {
  // Another holder that gives it up changes nothing, and is told what is left of it.
  const known = await log.claim(session, { ...notice, holder: environment.id(), leaseMs: 0 });
  if (known.kind === 'taken') return known.leftMs > noticedMs;
  const noticed = await log.claim(session, { ...notice, leaseMs: waitMs + noticedMs });
  if (noticed.kind !== 'held') return false;
  // A process that has the agent finds it at its next look, and not when its own note comes up.
  await log.remind('runs', session, 0);
  return true;
}
