import { type Position, seqOf } from '@holdfast/protocol';

/**
 * How far somebody has to see: to the log's top as it is now or later, what was delivered here, or an entry
 * by its id.
 */
export type Sight = 'top' | 'delivered' | { readonly id: string };

/** True for a place that is in front of another one, or of another epoch. */
export const isBehind = (at: Position, other: Position): boolean =>
  at.epoch !== other.epoch || seqOf(at.id) < seqOf(other.id);
