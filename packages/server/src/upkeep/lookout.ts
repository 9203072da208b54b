import type { Head } from '@holdfast/log';
import { inCleanContext } from '../clean-context.ts';
import type { Core } from '../core.ts';
import { reapLost } from './reap.ts';

/** How long after its time a run is looked at again, in ms: clocks tick in whole ones. */
const tickMs = 10;

/** Looks after runs whose lease has run out: now, and again when it is known whether they are lost. */
export class Lookout {
  readonly #core: () => Core;
  /** Sessions that are looked at again. */
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #state: 'open' | 'closed' = 'open';

  constructor(core: () => Core) {
    this.#core = core;
  }

  /** Never rejects: what fails is tried again at the next look. */
  async look(session: string, head: Head): Promise<void> {
    if (head.runs.every(({ leased }) => leased)) return;
    const core = this.#core();
    // What is found is for processes that stay.
    if (!core.lifecycle.isOpen) return;
    const { reaped, againMs } = await reapLost(core, session, head);
    if (reaped) await core.checkpointer.store(session);
    if (againMs !== null) this.#lookAgain(session, againMs);
  }

  close(): void {
    this.#state = 'closed';
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #lookAgain(session: string, ms: number): void {
    if (this.#state === 'closed' || this.#timers.has(session)) return;
    const core = this.#core();
    const look = async () => {
      this.#timers.delete(session);
      const head = await core.log.head(session);
      if (head) await this.look(session, head);
    };
    const timer = inCleanContext(() =>
      setTimeout(
        () => void look().catch((error: unknown) => core.report(error, { session })),
        ms + tickMs,
      ).unref(),
    );
    this.#timers.set(session, timer);
  }
}
