import type { Reminder, ReminderTopic } from '@holdfast/log';
import { inCleanContext } from '../clean-context.ts';
import type { Agent } from '../contract/agent.ts';
import type { Core } from '../core.ts';
import { dispatchRun } from '../runs/begin-run.ts';
import { runRecordOf } from '../runs/run-record.ts';
import { eachDue } from './each-due.ts';
import { expireApprovals } from './expire.ts';
import { startNext } from './next.ts';

/** A process that dies leaves a reminder behind; whoever looks next goes on for it. */
const remindMs = 10_000;
const lookMs = 5_000;
const claimMs = 10_000;

/**
 * Starts the sends that wait in queues when their turn has come: at once where a run has ended here,
 * and soon where the process that should have done it died (HF-RUN-22); and denies approvals whose time
 * is over (HF-RUN-23). Works in processes that have an agent, or hand runs to workers.
 */
export class Scheduler {
  readonly #core: () => Core;
  readonly #agents = new Map<string, Agent>();
  readonly #busy = new Map<string, 'once' | 'again'>();
  readonly #work = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #state: 'open' | 'closed' = 'open';

  constructor(core: () => Core) {
    this.#core = core;
  }

  /** From now on this process can run the agent. */
  register(name: string, agent: Agent): void {
    this.#agents.set(name, agent);
    this.#watch();
  }

  #watch(): void {
    if (this.#state === 'closed') return;
    this.#timer ??= inCleanContext(() =>
      setInterval(() => this.#track(() => this.#lookAround()), lookMs).unref(),
    );
  }

  agent(name: string): Agent | undefined {
    return this.#agents.get(name);
  }

  /** Whether a run of the agent can begin from here: in this process, or on a worker. */
  canRun(name: string): boolean {
    return this.#agents.has(name) || this.#core().dispatch !== null;
  }

  /** Notes that the session has a run for a worker, before it has one. */
  async remindOfRuns(session: string): Promise<void> {
    this.#watch();
    const { log, limits } = this.#core();
    await log.remind('runs', session, limits.leaseMs);
  }

  /** Notes that the session has a queue, before it has one. */
  async remind(session: string): Promise<void> {
    await this.#core().log.remind('queue', session, remindMs);
  }

  /** A run may have ended, or a send was queued. Never rejects, and does not wait. */
  begin(session: string): void {
    const isIdle = this.#agents.size === 0 && !this.#core().dispatch;
    if (this.#state === 'closed' || isIdle) return;
    if (this.#busy.has(session)) this.#busy.set(session, 'again');
    else this.#track(() => this.#start(session));
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    clearInterval(this.#timer);
    await Promise.all(this.#work);
  }

  /** The run that comes next is that of another participant than the one that made it come (HF-RUN-26). */
  #track(act: () => Promise<unknown>): void {
    const tracked: Promise<void> = inCleanContext(act)
      .then(() => {})
      .catch((error: unknown) => this.#core().report(error, {}))
      .finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }

  /** True when nothing waits any more. */
  async #start(session: string): Promise<boolean> {
    let isEmpty = false;
    this.#busy.set(session, 'once');
    try {
      do {
        this.#busy.set(session, 'once');
        isEmpty = (await startNext(this.#core(), session)) === 'empty';
      } while (this.#busy.get(session) === 'again');
    } catch (error) {
      isEmpty = false;
      this.#core().report(error, { session });
    } finally {
      this.#busy.delete(session);
    }
    return isEmpty;
  }

  /** Visits sessions whose time has come; the reminder of one that fails stays. */
  #eachDue(topic: ReminderTopic, visit: (reminder: Reminder) => Promise<unknown>): Promise<void> {
    return eachDue(this.#core().log, topic, claimMs, async (reminder) => {
      if (this.#state === 'closed') return false;
      const { session } = reminder;
      await visit(reminder).catch((error: unknown) => this.#core().report(error, { session }));
      return true;
    });
  }

  /** Finds runs of dead processes also in sessions that nobody follows. */
  async #lookAfterRuns(reminder: Reminder): Promise<void> {
    const { session } = reminder;
    const core = this.#core();
    const { log, limits } = core;
    const head = await log.head(session);
    if (!head || head.runs.length === 0) {
      await log.dismiss(reminder);
      return;
    }
    await core.lookout.look(session, head);
    for (const { run, attempt, leased, info } of head.runs) {
      const { by, agent } = runRecordOf(info);
      // Its job was lost with the process that should have added it, or it has its worker already.
      if (core.dispatch && leased && by === 'worker' && agent && attempt === 1)
        await dispatchRun(core, { session, run, attempt, agent });
    }
    await log.remind('runs', session, limits.leaseMs);
  }

  async #lookAround(): Promise<void> {
    const { log, approvalMs, onLost, dispatch } = this.#core();
    await this.#eachDue('queue', async (reminder) => {
      const { session } = reminder;
      if (!this.#busy.has(session) && (await this.#start(session))) await log.dismiss(reminder);
    });
    if (onLost !== 'fail' || dispatch)
      await this.#eachDue('runs', (reminder) => this.#lookAfterRuns(reminder));
    if (approvalMs === null) return;
    await this.#eachDue('approvals', async (reminder) => {
      const { session } = reminder;
      if (await expireApprovals(this.#core(), session)) await log.dismiss(reminder);
      // A process that has the agent need not wait until this one's claim is over.
      else await log.remind('approvals', session, 0);
    });
  }
}
