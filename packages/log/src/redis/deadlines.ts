import { systemTimers, type Timers } from '../feed/timers.ts';
import { timeoutError } from './watchdog.ts';

interface Waiting {
  readonly until: number;
  reject(error: unknown): void;
}

interface DeadlinesOptions {
  readonly ms: number;
  readonly now: () => number;
  readonly timers?: Timers;
}

/**
 * The time-outs of a connection's commands, by one timer: ioredis would make one for each command, which costs as much
 * as a quarter of the command.
 */
export class Deadlines {
  readonly #ms: number;
  readonly #now: () => number;
  readonly #timers: Timers;
  /** Oldest first: all are given the same time. */
  readonly #waiting = new Set<Waiting>();
  #isTimed = false;

  constructor({ ms, now, timers = systemTimers }: DeadlinesOptions) {
    this.#ms = ms;
    this.#now = now;
    this.#timers = timers;
  }

  /** Comes out as the work does, and rejects as ioredis would when it has not come out in time. */
  within<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { until: this.#now() + this.#ms, reject };
      this.#waiting.add(waiting);
      if (!this.#isTimed) this.#lookIn(this.#ms);
      work.then(
        (value) => {
          this.#waiting.delete(waiting);
          resolve(value);
        },
        (error: unknown) => {
          this.#waiting.delete(waiting);
          reject(error);
        },
      );
    });
  }

  #lookIn(ms: number): void {
    this.#isTimed = true;
    this.#timers.after(ms, () => this.#look());
  }

  #look(): void {
    this.#isTimed = false;
    const now = this.#now();
    for (const waiting of this.#waiting) {
      if (waiting.until > now) {
        this.#lookIn(waiting.until - now);
        return;
      }
      this.#waiting.delete(waiting);
      waiting.reject(timeoutError());
    }
  }
}
