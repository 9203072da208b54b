import { HoldfastError } from '@holdfast/protocol';
import type { Report } from '../contract/options.ts';

/** Entries that were told to be unreadable; one more forgets them. */
const toldLimit = 1_000;

/** Entries that nobody can read, of all sessions of a process, each of which is reported once. */
export class SkippedEntries {
  readonly #report: Report;
  readonly #told = new Set<string>();

  constructor(report: Report) {
    this.#report = report;
  }

  note(session: string, id: string): void {
    const name = `${id} ${session}`;
    if (this.#told.has(name)) return;
    if (this.#told.size >= toldLimit) this.#told.clear();
    this.#told.add(name);
    this.#report(
      new HoldfastError(
        'internal',
        `unable to read entry ${id} of a session: it is none that a server writes, and passed over; who else writes into the log?`,
      ),
      { session },
    );
  }
}
