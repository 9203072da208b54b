import { HoldfastError } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import { Worker } from 'bullmq';
import type { Job } from '../contract/job.ts';
import type { Report } from '../contract/options.ts';
import { guardedReport } from '../guarded.ts';
import type { Holdfast } from '../holdfast.ts';
import { reportToConsole } from '../report.ts';
import type { Agents } from '../runs/agents.ts';
import { type BullmqOptions, placeOf } from './options.ts';
import { tellOutages } from './outages.ts';

/** Options of `bullmqWorker`. */
export interface BullmqWorkerOptions<UI_MESSAGE extends UIMessage = UIMessage>
  extends BullmqOptions {
  /** The agent, or several by name. */
  readonly agent: Agents<UI_MESSAGE>;
  /** The name of the agent, where it is one. @default 'agent' */
  readonly agentName?: string;
  /** Runs that this process executes at a time. @default 10 */
  readonly concurrency?: number;
  /** Told of jobs that could not be done, and of the connection, once per outage. @default writes to `console.error` */
  readonly onError?: Report;
}

/** A worker that takes jobs from the moment at which it was made. */
export interface BullmqWorker {
  /** Resolves when it is connected and takes jobs, however long that takes. */
  ready(): Promise<void>;
  /**
   * Takes no further jobs, and resolves when the runs that it executes have ended, however long that takes. What the
   * host ends before that is left to `onLost`.
   */
  close(): Promise<void>;
}

/** The reason for clients of a run that no worker could do. */
const unknownReason = 'unavailable';

/**
 * Executes runs in this process that others have dispatched, until it is closed. `holdfast` needs the log
 * and the options of those others, `authorize` excepted. Scale by more processes with one each.
 */
export function bullmqWorker<UI_MESSAGE extends UIMessage = UIMessage>(
  holdfast: Holdfast,
  options: BullmqWorkerOptions<UI_MESSAGE>,
): BullmqWorker {
  const { agent, agentName, concurrency = 10 } = options;
  const report = guardedReport(options.onError ?? reportToConsole);
  holdfast.register(agent, agentName);
  const place = placeOf(options);
  const worker = new Worker<Job>(place.queue, ({ data }) => holdfast.work(data), {
    ...place.options,
    concurrency,
  });
  tellOutages(worker, report);
  worker.on('failed', (job, error) => {
    const { session, run } = job?.data ?? {};
    const where = { ...(session ? { session } : {}), ...(run ? { run } : {}) };
    report(error, where);
    if (!job || job.attemptsMade < (job.opts.attempts ?? 1)) return;
    // The log is away: whoever looks after the run adds its job again, as long as it may wait for a worker.
    if (HoldfastError.is(error) && error.code === 'unavailable') return;
    const reason = HoldfastError.is(error) ? error.code : unknownReason;
    // Where this fails, the run is lost when its time to wait for a worker is over.
    holdfast.giveUp(job.data, reason).catch((fault: unknown) => report(fault, where));
  });
  return {
    ready: async () => {
      await worker.waitUntilReady();
    },
    close: () => worker.close(),
  };
}
