import { keepLease, type Lease, type LeaseOptions } from './lease.ts';

interface Entered extends Lease {
  readonly attempt: number;
}

type Held = Omit<LeaseOptions, 'onCancelled' | 'onLost'>;

/**
 * The attempts that this process has, so that it never takes for lost what it writes itself: it knows
 * better than a lease that ran out while the log, or this process, stood still.
 */
export class LiveAttempts {
  readonly #entered = new Map<string, Entered>();

  /** Renews the lease of an attempt from now on, in the place of whoever did for the run before; with `forMs` no longer than that. */
  enter(options: LeaseOptions, forMs: number | null = null): Lease {
    const key = keyOf(options.session, options.run);
    const { look, release } = keepLease(options);
    const entered: Entered = {
      attempt: options.attempt,
      look,
      release: () => {
        release();
        clearTimeout(timer);
        if (this.#entered.get(key) === entered) this.#entered.delete(key);
      },
    };
    const timer = forMs === null ? undefined : setTimeout(entered.release, forMs).unref();
    this.#entered.get(key)?.release();
    this.#entered.set(key, entered);
    return entered;
  }

  /**
   * Renews it until the attempt begins to work, for `patienceMs` at most: what stands before that may take
   * longer than a lease. Who works hears of stops itself.
   */
  hold(held: Held): Lease {
    const known = this.#entered.get(keyOf(held.session, held.run));
    if (known && known.attempt >= held.attempt) return known;
    const nobody = () => {};
    return this.enter({ ...held, onCancelled: nobody, onLost: nobody }, held.limits.patienceMs);
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
