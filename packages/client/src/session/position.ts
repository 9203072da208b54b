// A position is `<epoch>:<entry id>`, and kept as the text that it is. Before a session exists the
// epoch is empty (HF-SUB-4).

/** The entry id of a position, or the entry id itself. */
export const idOf = (position: string): string => position.slice(position.indexOf(':') + 1);

/** The number of the entry that a position or an entry id names. */
export const seqIn = (position: string): number => Number.parseInt(idOf(position), 10);

/** True when the one is at the other or behind it; in another epoch nothing is left to wait for. */
export const hasReached = (position: string | null, other: string): boolean =>
  position !== null &&
  (position.split(':')[0] !== other.split(':')[0] || seqIn(position) >= seqIn(other));

/** False before the session existed. */
export const hasEpoch = (position: string | undefined): position is string =>
  position !== undefined && !position.startsWith(':');
