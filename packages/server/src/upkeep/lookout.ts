import type { Head } from '@holdfast/log';
import type { Core } from '../core.ts';
import { afterRun } from '../runs/execute.ts';
import { reapLost } from './reap.ts';
import type { BackgroundWorker } from './worker.ts';

/** How long after its time a run is looked at again, in ms: clocks tick in whole ones. */
const tickMs = 10;

/** Looks after runs whose lease has run out: now, and again when it is known whether they are lost. */
export class Lookout {
  readonly #core: () => Core;
  readonly #worker: BackgroundWorker;
  /** Sessions that are looked at again. */
  readonly #waiting = new Set<string>();

  constructor(core: () => Core, worker: BackgroundWorker) {
    this.#core = core;
    this.#worker = worker;
  }

  /** Never rejects: what fails is tried again at the next look. */
  async look(session: string, head: Head): Promise<void> {
    if (head.runs.every(({ leased }) => leased)) return;
    const core = this.#core();
    // Lost runs are for processes that stay.
    if (!core.lifecycle.isOpen) return;
    const { reaped, againMs } = await reapLost(core, session, head);
    if (reaped) await afterRun(core, session);
    if (againMs !== null) this.#lookAgain(session, againMs);
  }

  /** Looks at nothing again. What is being looked at is not waited for: others look at it too. */
  close(): void {
    void this.#worker.close();
  }

  #lookAgain(session: string, ms: number): void {
    if (this.#waiting.has(session)) return;
    this.#waiting.add(session);
    const look = async () => {
      this.#waiting.delete(session);
      const head = await this.#core().log.head(session);
      if (head) await this.look(session, head);
    };
    this.#worker.after(ms + tickMs, look, { session });
  }
}
