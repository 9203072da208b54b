import { HoldfastError, type Position } from '@holdfast/protocol';

/**
 * The rejection of a write whose entry was to follow another one than the newest; it has changed nothing
 * (HF-LOG-6). An error and no outcome, because only who gives `NewEntry.behind` ever meets it.
 */
export const movedTo = (top: Position): HoldfastError =>
  Object.assign(
    new HoldfastError('conflict', 'unable to write: another entry was written before; try again'),
    { top },
  );

/** The position that the log is at, told by {@link movedTo}; null for any other error. */
export function movedTop(error: unknown): Position | null {
  return HoldfastError.is(error) && 'top' in error ? (error.top as Position) : null;
}
