import { inCleanContext } from '../clean-context.ts';
import type { Report } from '../contract/options.ts';
import type { Cancel, Environment } from '../environment.ts';

export interface WorkerOptions {
  readonly environment: Pick<Environment, 'now' | 'after' | 'every'>;
  readonly report: Report;
}

/** The session and run of some work, for who is told of its faults. */
type Where = Parameters<Report>[1];

/** Makes the workers of a process, and knows how much is under way in all of them. */
export function createWorkers(options: WorkerOptions): {
  readonly worker: () => BackgroundWorker;
  readonly underWay: () => number;
} {
  const workers: BackgroundWorker[] = [];
  const worker = (): BackgroundWorker => {
    const made = new BackgroundWorker(options);
    workers.push(made);
    return made;
  };
  const underWay = (): number => workers.reduce((sum, { underWay: own }) => sum + own, 0);
  return { worker, underWay };
}

/**
 * Does what goes on by itself, beside requests: at once, later, or again and again. Knows what is under way, so
 * that closing waits for it. All of it begins in a context that is nobody's (HF-RUN-26).
 */
export class BackgroundWorker {
  readonly #options: WorkerOptions;
  readonly #work = new Set<Promise<void>>();
  readonly #timers = new Set<Cancel>();
  #state: 'open' | 'closed' = 'open';

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** How much of it is under way. */
  get underWay(): number {
    return this.#work.size;
  }

  now(): number {
    return this.#options.environment.now();
  }

  /** Resolves when it is done. Never rejects: what fails is reported. */
  track(act: () => unknown, where: Where = {}): Promise<void> {
    const tracked: Promise<void> = inCleanContext(async () => {
      await act();
    })
      .catch((error: unknown) => this.report(error, where))
      .finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
    return tracked;
  }

  /** Tracks `act` every `ms`, until it is cancelled or the worker closes; also where the last one is not done yet. */
  every(ms: number, act: () => unknown): Cancel {
    return this.#timer((environment) => environment.every(ms, () => void this.track(act)));
  }

  /** Tracks `act` once, `ms` from now, unless it is cancelled or the worker closes before. */
  after(ms: number, act: () => unknown, where: Where = {}): Cancel {
    const cancel = this.#timer((environment) =>
      environment.after(ms, () => {
        cancel();
        void this.track(act, where);
      }),
    );
    return cancel;
  }

  report(error: unknown, where: Where): void {
    this.#options.report(error, where);
  }

  /** Begins nothing more, and resolves when what is under way is done. */
  async close(): Promise<void> {
    this.#state = 'closed';
    for (const cancel of [...this.#timers]) cancel();
    await Promise.all(this.#work);
  }

  #timer(begin: (environment: WorkerOptions['environment']) => Cancel): Cancel {
    if (!this.isOpen) return () => {};
    const end = inCleanContext(() => begin(this.#options.environment));
    const cancel = () => {
      end();
      this.#timers.delete(cancel);
    };
    this.#timers.add(cancel);
    return cancel;
  }
}
