import type { SessionHub } from '../session/hub.ts';
import { followRun } from './follow-run.ts';

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
  const unfollow = followRun(hub, run, {
    told: (news) => {
      if (news.k === 'cancel') onCancelled();
      if (news.k === 'run-start' && news.attempt > attempt) onLost();
    },
    unsure: look,
    deleted: onCancelled,
  });
  // It may have come between the run's start in the log and this.
  look();
  return unfollow;
}
