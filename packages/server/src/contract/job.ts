import { HoldfastError } from '@holdfast/protocol';

/** The form of a {@link Job}; a worker refuses what is newer than itself. */
export const jobVersion = 1;

/** A job for a worker: one attempt of a run, as plain JSON. What it needs stands in the log. */
export interface Job {
  /** Version of the form: {@link jobVersion} of the process that made it. */
  readonly v: number;
  /** Session of the run. */
  readonly session: string;
  /** Run that is to be executed. */
  readonly run: string;
  /** Counted from 1. */
  readonly attempt: number;
  /** The name of the agent. */
  readonly agent: string;
}

/** Brings jobs to workers: `@holdfast/server/bullmq`, or another queue of yours. */
export interface Dispatch {
  /**
   * Has some worker call `holdfast.work(job)`, once or more often. Jobs with the same {@link jobId} are
   * one: the same is added again where it is not known whether it was. Rejects when it may be lost. It has 5 s:
   * who takes longer counts as one that rejects, and the send is answered `unavailable`, which clients repeat.
   */
  add(job: Job): Promise<void>;
  /** Names of the agents that workers have: whom a send may name. Absent for one that is called `agent`. */
  readonly agents?: readonly string[];
  /** Ends connections of its own; called once, by `holdfast.close()`, which gives it 5 s, and tells `onError` if it rejects. */
  close?(): Promise<void>;
}

/** Names a job: letters, digits, `_`, `-` and `.`. */
export const jobId = ({ session, run, attempt }: Job): string => `${session}.${run}.${attempt}`;

/** Throws `bad_request` for what is no job, or one of a later version. */
export function checkJob(job: Job): void {
  const { v, session, run, attempt, agent } = job;
  const isJob =
    [session, run, agent].every((text) => typeof text === 'string' && text !== '') &&
    Number.isInteger(attempt) &&
    Number.isInteger(v);
  if (!isJob) throw new HoldfastError('bad_request', 'unable to work: this is no job of Holdfast');
  if (v > jobVersion)
    throw new HoldfastError(
      'bad_request',
      `unable to work: the job is of version ${v}, and this worker knows ${jobVersion}; update the worker`,
    );
}
