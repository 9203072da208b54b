import type { ProjectedItem, SessionProjection } from '@holdfast/protocol/projection';

/**
 * True when every run that wrote into a message came to a good end, and when none did. Of a message that is stored
 * as a whole it is known although its runs are forgotten.
 */
export const endedWell = (projection: SessionProjection, item: ProjectedItem): boolean =>
  item.kind === 'message'
    ? item.unfinished !== true
    : projection.runsOf(item.id).every(({ state }) => state === 'finished');
