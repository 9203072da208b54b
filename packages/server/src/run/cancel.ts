import { entryOf } from '../session/entry-of.ts';
import type { SessionHub } from '../session/hub.ts';

/**
 * Calls `stop` when a `cancel` entry of the run is delivered, and `look` when one may have come
 * unseen. Deliveries may be lost: the replies to appends and lease renewals say the same, so a stop
 * arrives without them too.
 */
export function watchCancel(
  hub: SessionHub,
  run: string,
  stop: () => void,
  look: () => void,
): () => void {
  let seen = hub.position.id;
  const unlisten = hub.listen({
    advanced: () => {
      const frames = hub.framesAfter(seen);
      seen = hub.position.id;
      if (!frames) return look();
      // Chunks are the bulk of a log; only entries that can be a cancel are worth parsing.
      for (const { body } of frames)
        if (body.startsWith('{"k":"cancel"')) {
          const entry = entryOf(body);
          if (entry?.k === 'cancel' && entry.run === run) stop();
        }
    },
    reset: () => {
      seen = hub.position.id;
      look();
    },
    deleted: stop,
  });
  // It may have come between the run's start in the log and this.
  look();
  return unlisten;
}
