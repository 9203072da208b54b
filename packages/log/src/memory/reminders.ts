import type { Reminder } from '../session-log.ts';

interface Note {
  readonly at: number;
  /** Another one whenever the note is set or put off. */
  readonly token: string;
}

/** Sessions that somebody should look at, and when. */
export class Reminders {
  readonly #notes = new Map<string, Note>();
  #tokens = 0;

  /** Returns the note's token. */
  set(session: string, at: number): string {
    this.#tokens += 1;
    const token = String(this.#tokens);
    this.#notes.set(session, { at, token });
    return token;
  }

  /** Those whose time has come, oldest first, put off until `claimedUntil`. */
  take(limit: number, now: number, claimedUntil: number): readonly Reminder[] {
    const due = [...this.#notes].filter(([, { at }]) => at <= now);
    return due
      .sort(([, a], [, b]) => a.at - b.at)
      .slice(0, limit)
      .map(([session]) => ({ session, token: this.set(session, claimedUntil) }));
  }

  drop({ session, token }: Reminder): void {
    if (this.#notes.get(session)?.token === token) this.#notes.delete(session);
  }

  clear(): void {
    this.#notes.clear();
  }
}
