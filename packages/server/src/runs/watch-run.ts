import { entryOf } from '../session/entry-of.ts';
import type { SessionHub } from '../session/hub.ts';
import { kindOf } from '../session/kind-of.ts';

export interface WatchedRun {
  readonly run: string;
  readonly attempt: number;
  /** Somebody stopped the run. */
  readonly onCancelled: () => void;
  /** A later attempt has begun. */
  readonly onLost: () => void;
  /** Called when one of these may have come unseen. */
  readonly look: () => void;
}

/**
 * Tells what entries in the log mean for whoever executes a run. Deliveries may be lost: the replies to
 * appends and lease renewals say the same, so a stop arrives without them too.
 */
export function watchRun(hub: SessionHub, watched: WatchedRun): () => void {
  const { run, attempt, onCancelled, onLost, look } = watched;
  const cursor = hub.cursor();
  const unlisten = hub.listen({
    advanced: () => {
      const frames = cursor.delivered;
      cursor.moveTo(hub.position);
      if (!frames) return look();
      for (const { body } of frames) {
        const kind = kindOf(body);
        if (kind !== 'cancel' && kind !== 'run-start') continue;
        const entry = entryOf(body);
        if (entry?.k === 'cancel' && entry.run === run) onCancelled();
        if (entry?.k === 'run-start' && entry.run === run && entry.attempt > attempt) onLost();
      }
    },
    reset: () => {
      cursor.moveTo(hub.position);
      look();
    },
    deleted: onCancelled,
  });
  // It may have come between the run's start in the log and this.
  look();
  return unlisten;
}
