import { HoldfastError } from '@holdfast/protocol';
import { checkJob, type Job } from '../contract/job.ts';
import type { Core } from '../core.ts';
import { abandon } from '../runs/abandon.ts';
import { resumeRun } from '../runs/resume-run.ts';

/** See `Holdfast.work`. */
export async function work(core: Core, job: Job): Promise<void> {
  checkJob(job);
  core.lifecycle.takeWork();
  const agent = core.scheduler.agent(job.agent);
  if (!agent)
    throw new HoldfastError(
      'not_found',
      `unable to work: there is no agent ${JSON.stringify(job.agent)} here; give it to the worker under that name`,
    );
  const live = await liveRun(core, job);
  const resumed =
    live && (await resumeRun(core, { session: job.session, attempt: job.attempt, agent }, live));
  await resumed?.done;
}

/** See `Holdfast.giveUp`. */
export async function giveUp(core: Core, job: Job, reason: string): Promise<void> {
  const live = await liveRun(core, job);
  const end = { outcome: 'failed' as const, reason: reason.slice(0, 64) };
  if (live) await abandon(core, job.session, { ...live, attempt: job.attempt }, end);
}

/** Null when the run has ended, or is further than this attempt. */
async function liveRun({ log }: Core, { session, run, attempt }: Job) {
  const known = await log.run(session, run);
  return known?.state === 'running' && known.attempt <= attempt ? known : null;
}
