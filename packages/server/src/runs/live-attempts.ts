import { keepLease, type Lease, type LeaseOptions } from './lease.ts';
import { LeaseBeats } from './lease-beats.ts';

interface Entered extends Lease {
  readonly attempt: number;
  readonly session: string;
  readonly isEngines: boolean;
  readonly lose: () => void;
}

type Held = Omit<LeaseOptions, 'onCancelled' | 'onLost'>;

/**
 * The attempts that this process has, so that it never takes for lost what it writes itself: it knows
 * better than a lease that ran out while the log, or this process, stood still.
 */
export class LiveAttempts {
  readonly #entered = new Map<string, Entered>();
  readonly #beats = new LeaseBeats();
  #state: 'open' | 'closed' = 'open';

  get size(): number {
    return this.#entered.size;
  }

  /** Renews the lease of an attempt from now on, in the place of whoever did for the run before; with `forMs` no longer than that. */
  enter(options: LeaseOptions, forMs: number | null = null): Lease {
    const key = keyOf(options.session, options.run);
    const { look, release, giveUp } = keepLease(options, this.#beats);
    const entered: Entered = {
      attempt: options.attempt,
      look,
      session: options.session,
      isEngines: options.isEngines ?? false,
      lose: options.onLost,
      giveUp,
      release: () => {
        release();
        cancel();
        if (this.#entered.get(key) === entered) this.#entered.delete(key);
      },
    };
    const cancel = forMs === null ? () => {} : options.environment.after(forMs, entered.release);
    this.#entered.get(key)?.release();
    this.#entered.set(key, entered);
    if (this.#state === 'closed' && !entered.isEngines) options.onLost();
    return entered;
  }

  /**
   * Renews it until the attempt begins to work, for `retryForMs` at most: what stands before that may take
   * longer than a lease. Who works hears of stops itself.
   */
  hold(held: Held): Lease {
    const known = this.#entered.get(keyOf(held.session, held.run));
    if (known && known.attempt >= held.attempt) return known;
    const nobody = () => {};
    return this.enter({ ...held, onCancelled: nobody, onLost: nobody }, held.limits.retryForMs);
  }

  /**
   * Leaves the runs that are still this process's to others, at once: their agents are aborted, and when `settled`
   * says that nothing more is written for them, they are given up. Resolves with their sessions; rejects with
   * the log's error.
   */
  async giveUp(settled: () => Promise<void>): Promise<readonly string[]> {
    this.#state = 'closed';
    const left = [...this.#entered.values()].filter(({ isEngines }) => !isEngines);
    for (const { lose } of left) lose();
    if (left.length > 0) await settled();
    await Promise.all(left.map((each) => each.giveUp()));
    return [...new Set(left.map(({ session }) => session))];
  }

  /** Renews the lease of an attempt that this process has; false when it has not. */
  renew(session: string, run: string, attempt: number): boolean {
    const entered = this.#entered.get(keyOf(session, run));
    if (!entered || entered.attempt < attempt) return false;
    entered.look();
    return true;
  }
}

const keyOf = (session: string, run: string): string => `${session} ${run}`;
