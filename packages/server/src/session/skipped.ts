import { HoldfastError } from '@holdfast/protocol';
import type { Report } from '../contract/options.ts';

/** Ids of entries that were told to be unreadable; one more forgets them. */
const toldLimit = 1_000;

/** Entries of a session that nobody can read, each of which is reported once. */
export class SkippedEntries {
  readonly #session: string;
  readonly #report: Report;
  /** Null while there was none. */
  #told: Set<string> | null = null;

  constructor(session: string, report: Report) {
    this.#session = session;
    this.#report = report;
  }

  note(id: string): void {
    this.#told ??= new Set();
    if (this.#told.has(id)) return;
    if (this.#told.size >= toldLimit) this.#told.clear();
    this.#told.add(id);
    this.#report(
      new HoldfastError(
        'internal',
        `unable to read entry ${id} of a session: it is none that a server writes, and passed over; who else writes into the log?`,
      ),
      { session: this.#session },
    );
  }
}
