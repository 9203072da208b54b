import { origin, type Position } from '@holdfast/protocol';
import type { Head } from '../contract/entries.ts';

/** The position of a feed whose session does not exist: before the first entry of any epoch. */
export const unborn: Position = { epoch: '', id: origin };

export const isUnborn = (position: Position): boolean => position.epoch === '';

/**
 * True for a head that a feed would expect that stands at `now`: its top is an id at which the feed stood
 * since it asked. A number alone would also agree with another log (HF-POS-5).
 */
export function agrees(head: Head | null, passed: ReadonlySet<string>, now: Position): boolean {
  if (!head || isUnborn(now)) return !head && isUnborn(now);
  return head.epoch === now.epoch && passed.has(head.top);
}
