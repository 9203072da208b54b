/** Sessions that are known at once; those in which a process writes are far fewer. */
const most = 10_000;

/**
 * When appends of this process last renewed each run's lease: one that does so again at once moves its end by next to
 * nothing. Two tables and no joined names, since a name is asked for with each append.
 */
export class Renewals {
  readonly #quietMs: number;
  /** By session and run: when the append was sent, in ms of a monotonic clock. */
  readonly #sessions = new Map<string, Map<string, number>>();

  /** `quietMs`: for how long a renewal is as good as a new one. */
  constructor(quietMs: number) {
    this.#quietMs = quietMs;
  }

  isDue(session: string, run: string, now: number): boolean {
    const last = this.#sessions.get(session)?.get(run);
    return last === undefined || now - last >= this.#quietMs;
  }

  /** Takes note of a renewal that the log has acknowledged; `now` is when it was sent, before which it cannot have been. */
  renewed(session: string, run: string, now: number): void {
    let runs = this.#sessions.get(session);
    if (!runs) {
      // To forget one is to renew it once more.
      if (this.#sessions.size >= most) this.#sessions.clear();
      runs = new Map();
      this.#sessions.set(session, runs);
    }
    if (runs.size >= most) runs.clear();
    runs.set(run, now);
  }

  forget(session: string, run: string): void {
    const runs = this.#sessions.get(session);
    if (runs?.delete(run) && runs.size === 0) this.#sessions.delete(session);
  }
}
