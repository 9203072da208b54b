import type { Reminder } from '../session-log.ts';

/** Sessions that somebody should look at, and when. */
export class Reminders {
  readonly #due = new Map<string, number>();

  set(session: string, at: number): void {
    this.#due.set(session, at);
  }

  /** Those whose time has come, oldest first, put off until `claimedUntil`. */
  take(limit: number, now: number, claimedUntil: number): readonly Reminder[] {
    const due = [...this.#due].filter(([, at]) => at <= now).sort(([, a], [, b]) => a - b);
    return due.slice(0, limit).map(([session]) => {
      this.#due.set(session, claimedUntil);
      return { session, token: String(claimedUntil) };
    });
  }

  drop({ session, token }: Reminder): void {
    if (String(this.#due.get(session)) === token) this.#due.delete(session);
  }

  clear(): void {
    this.#due.clear();
  }
}
