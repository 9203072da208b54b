import { callsOf } from './calls.ts';
import { chunksOfItem, type ProjectedItem } from './items.ts';
import type { SessionProjection } from './session-projection.ts';

/**
 * True when something may still be written into a message that is not the last: a run is live in it, or one that
 * came to a good end left a call open; or the session began so.
 */
export function isOpen(projection: SessionProjection, item: ProjectedItem): boolean {
  if (item.kind === 'message') return false;
  const runs = projection.runsOf(item.id);
  if (runs.some(({ state }) => state === 'running')) return true;
  const { state = 'finished' } = runs.at(-1) ?? {};
  return state === 'finished' && callsOf(chunksOfItem(item)).open.size > 0;
}
