import { HoldfastError } from '@holdfast/protocol';

/** Ids of entries that were told to be unreadable; one more forgets them. */
const toldLimit = 1_000;

/** Reports entries that nobody can read, each once. */
export function reportOnce(report: (error: unknown) => void): (id: string) => void {
  const told = new Set<string>();
  return (id) => {
    if (told.has(id)) return;
    if (told.size >= toldLimit) told.clear();
    told.add(id);
    report(
      new HoldfastError(
        'internal',
        `unable to read entry ${id} of a session: it is none that a server writes, and passed over; who else writes into the log?`,
      ),
    );
  };
}
