import { keepLease, type Lease, type LeaseOptions } from './lease.ts';

interface Entered {
  readonly attempt: number;
  readonly lease: Lease;
}

/**
 * The attempts that this process has, so that it never takes for lost what it writes itself: it knows
 * better than a lease that ran out while the log, or this process, stood still.
 */
export class LiveAttempts {
  readonly #entered = new Map<string, Entered>();

  /** Renews the lease of an attempt from now on, in the place of whoever did for the run before. */
  enter(options: LeaseOptions): Lease {
    const key = keyOf(options.session, options.run);
    const kept = keepLease(options);
    const entered = { attempt: options.attempt, lease: kept };
    this.#entered.get(key)?.lease.release();
    this.#entered.set(key, entered);
    const release = () => {
      kept.release();
      if (this.#entered.get(key) === entered) this.#entered.delete(key);
    };
    return { look: kept.look, release };
  }

  /** Renews the lease of an attempt that this process has; false when it has not. */
  renew(session: string, run: string, attempt: number): boolean {
    const entered = this.#entered.get(keyOf(session, run));
    if (!entered || entered.attempt < attempt) return false;
    entered.lease.look();
    return true;
  }
}

const keyOf = (session: string, run: string): string => `${session} ${run}`;
