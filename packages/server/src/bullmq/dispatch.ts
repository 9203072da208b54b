import { type Job as BullmqJob, type JobsOptions, Queue } from 'bullmq';
import { type Dispatch, type Job, jobId } from '../contract/job.ts';
import type { Report } from '../contract/options.ts';
import { guardedReport } from '../guarded.ts';
import { reportToConsole } from '../report.ts';
import { type BullmqOptions, placeOf } from './options.ts';
import { tellOutages } from './outages.ts';

/** Options of `bullmqDispatch`. */
export interface BullmqDispatchOptions extends BullmqOptions {
  /** Names of the agents that the workers have: what a send may name in `to`. @default ['agent'] */
  readonly agents?: readonly string[];
  /**
   * Changes the options of BullMQ's jobs, such as their priority. `attempts` and `backoff` are for a worker
   * that cannot begin (it has no such agent, or the log is away), not for an agent that fails or dies.
   * @default 5 attempts, after 1 s, 2 s, 4 s and 8 s; nothing is kept
   */
  readonly job?: Omit<JobsOptions, 'jobId' | 'repeat'>;
  /** Told of the connection, once per outage. @default writes to `console.error` */
  readonly onError?: Report;
}

const job: JobsOptions = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 1_000 },
  removeOnComplete: true,
  removeOnFail: true,
};

/**
 * Has jobs that have failed tried again: one that `removeOnFail` keeps has its id still, so BullMQ takes it for
 * the one that is added, and would never do that. Rejects where it has left since, or is tried by another process.
 */
async function retryFailed(added: BullmqJob<Job>): Promise<void> {
  if (await added.isFailed()) await added.retry('failed', { resetAttemptsMade: true });
}

/**
 * Has runs executed by workers through BullMQ: for the option `dispatch` of `createHoldfast`. Connects when
 * the first run is dispatched, and closes with Holdfast.
 */
export function bullmqDispatch(options: BullmqDispatchOptions): Dispatch {
  let queue: Queue<Job> | undefined;
  const defaultJobOptions = { ...job, ...options.job };
  const open = (): Queue<Job> => {
    const place = placeOf(options);
    const opened = new Queue<Job>(place.queue, {
      ...place.options,
      defaultJobOptions,
    });
    tellOutages(opened, guardedReport(options.onError ?? reportToConsole));
    return opened;
  };
  return {
    agents: options.agents ?? ['agent'],
    add: async (work) => {
      queue ??= open();
      const added = await queue.add(work.agent, work, { jobId: jobId(work) });
      if (defaultJobOptions.removeOnFail !== true) await retryFailed(added);
    },
    close: async () => await queue?.close(),
  };
}
