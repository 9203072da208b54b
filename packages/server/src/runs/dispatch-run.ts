import { HoldfastError } from '@holdfast/protocol';
import { type Job, jobVersion } from '../contract/job.ts';
import type { Core } from '../core.ts';

/** How long the queue of jobs may take to answer, in ms. */
const retryForMs = 5_000;

/**
 * Hands an attempt of a run to the workers; again, where it is not known whether it was. Rejects with
 * `unavailable`.
 */
export async function dispatchRun(
  { dispatch, environment }: Core,
  attempt: Omit<Job, 'v'>,
): Promise<void> {
  const late = async () => {
    await environment.wait(retryForMs);
    throw new Error(`no answer in ${retryForMs} ms`);
  };
  const add = async () => dispatch?.add({ v: jobVersion, ...attempt });
  await Promise.race([add(), late()]).catch((error: unknown) => {
    throw new HoldfastError(
      'unavailable',
      'unable to hand the run to a worker: the queue of jobs did not take it; try again',
      { cause: error, retryMs: 1_000 },
    );
  });
}
