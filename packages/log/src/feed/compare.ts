import { origin, type Position, seqOf } from '@holdfast/protocol';
import type { Head } from '../session-log.ts';

/** The position of a feed whose session does not exist: before the first entry of any epoch. */
export const unborn: Position = { epoch: '', id: origin };

export const isUnborn = (position: Position): boolean => position.epoch === '';

/**
 * Whether a head is what a feed would expect that stood at `asked` when it asked and stands at
 * `now` when the answer came; deliveries may have moved it on in between.
 */
export function agrees(head: Head | null, asked: Position, now: Position): boolean {
  if (!head || isUnborn(now)) return !head && isUnborn(now);
  if (head.epoch !== now.epoch) return false;
  if (head.top === now.id || head.top === asked.id) return true;
  const top = seqOf(head.top);
  return asked.epoch === now.epoch && top > seqOf(asked.id) && top < seqOf(now.id);
}
