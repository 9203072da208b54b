import type { SessionView } from '../contract/session.ts';

// A position is `<epoch>:<entry id>`, and kept as the text that it is. Before a session exists the
// epoch is empty (HF-SUB-4).

/** The number of the entry that a position or an entry id names. */
export const seqIn = (position: string): number =>
  Number.parseInt(position.split(':').pop() as string, 10);

/**
 * True when the session has told all up to the position, or to a later entry of its epoch; in another epoch nothing is
 * left to wait for.
 */
export const hasReached = (
  { isLive, position }: Pick<SessionView, 'isLive' | 'position'>,
  other: string,
  last: string = other,
): boolean =>
  isLive &&
  position !== null &&
  (position.split(':')[0] !== other.split(':')[0] || seqIn(position) >= seqIn(last));

/** False before the session existed. */
export const hasEpoch = (position: string | undefined): position is string =>
  position?.startsWith(':') === false;
