import type { ReminderTopic, SessionLog } from '@holdfast/log';
import type { Agent } from '../contract/agent.ts';
import type { Core } from '../core.ts';
import type { Cancel } from '../environment.ts';
import { dispatchRun } from '../runs/dispatch-run.ts';
import { runRecordOf } from '../runs/run-record.ts';
import { expireApprovals } from './expire.ts';
import { startNext } from './next.ts';
import { type Handled, type Handler, Topic } from './topic.ts';
import type { BackgroundWorker } from './worker.ts';

export interface SchedulerOptions {
  readonly log: SessionLog;
  readonly worker: BackgroundWorker;
}

/** A process that dies leaves a reminder behind; whoever looks next goes on for it. */
const remindMs = 10_000;
const lookMs = 5_000;
const claimMs = 10_000;
/** How often the next send is tried again when others keep coming in between. */
const tries = 5;

/**
 * Starts the sends that wait in queues when their turn has come: at once where a run has ended here,
 * and soon where the process that should have done it died (HF-RUN-22); and denies approvals whose time
 * is over (HF-RUN-23). Works in processes that have an agent, or hand runs to workers. The run that comes
 * next is that of another participant than the one that made it come (HF-RUN-26).
 */
export class Scheduler {
  readonly #core: () => Core;
  readonly #options: SchedulerOptions;
  readonly #agents = new Map<string, Agent>();
  readonly #queue: Topic;
  readonly #runs: Topic;
  readonly #approvals: Topic;
  #watching: Cancel | null = null;

  constructor(core: () => Core, options: SchedulerOptions) {
    this.#core = core;
    this.#options = options;
    const once = 1;
    this.#queue = this.#topic('queue', tries, (session) => startNext(core(), session));
    this.#runs = this.#topic('runs', once, (session) => this.#lookAfterRuns(session));
    this.#approvals = this.#topic('approvals', once, (session) => this.#expire(session));
  }

  /** From now on this process can run the agent. */
  register(name: string, agent: Agent): void {
    this.#agents.set(name, agent);
    this.#watch();
  }

  /** Those that this process can run, by their names. */
  get agents(): ReadonlyMap<string, Agent> {
    return this.#agents;
  }

  agent(name: string): Agent | undefined {
    return this.#agents.get(name);
  }

  /** True when a run of the agent can begin from here: in this process, or on a worker. */
  canRun(name: string): boolean {
    return this.#agents.has(name) || this.#core().dispatch !== null;
  }

  /** Notes that the session has a run for a worker, before it has one. */
  async remindOfRuns(session: string): Promise<void> {
    this.#watch();
    await this.#options.log.remind('runs', session, this.#core().limits.leaseMs);
  }

  /** Notes that the session has a queue, before it has one. */
  async remind(session: string): Promise<void> {
    await this.#options.log.remind('queue', session, remindMs);
  }

  /** A run may have ended, or a send was queued. Never rejects, and does not wait. */
  begin(session: string): void {
    const isIdle = this.#agents.size === 0 && !this.#core().dispatch;
    if (!isIdle) void this.#queue.begin(session);
  }

  close(): Promise<void> {
    return this.#options.worker.close();
  }

  #topic(topic: ReminderTopic, tries: number, handle: Handler['handle']): Topic {
    const { log, worker } = this.#options;
    return new Topic(worker, { handle, tries, reminders: { log, topic, claimMs } });
  }

  #watch(): void {
    this.#watching ??= this.#options.worker.every(lookMs, () => this.#lookAround());
  }

  /** Visits sessions whose time has come, also those that nobody follows. */
  async #lookAround(): Promise<void> {
    const { approvalMs, onLost, dispatch } = this.#core();
    await this.#queue.visit();
    if (onLost !== 'fail' || dispatch) await this.#runs.visit();
    if (approvalMs !== null) await this.#approvals.visit();
  }

  /** Finds runs of dead processes. */
  async #lookAfterRuns(session: string): Promise<Handled> {
    const core = this.#core();
    const { log } = this.#options;
    const head = await log.head(session);
    if (!head || head.runs.length === 0) return 'done';
    await core.lookout.look(session, head);
    for (const { run, attempt, leased, info } of head.runs) {
      const { by, agent } = runRecordOf(info);
      // Its job was lost with the process that should have added it, or it has its worker already.
      if (core.dispatch && leased && by === 'worker' && agent && attempt === 1)
        await dispatchRun(core, { session, run, attempt, agent });
    }
    await log.remind('runs', session, core.limits.leaseMs);
    return 'left';
  }

  async #expire(session: string): Promise<Handled> {
    const expiry = await expireApprovals(this.#core(), session);
    // A process that has the agent need not wait until this one's claim is over.
    if (expiry === 'elsewhere') await this.#options.log.remind('approvals', session, 0);
    return expiry === 'done' ? 'done' : 'left';
  }
}
