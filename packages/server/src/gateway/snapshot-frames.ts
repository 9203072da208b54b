import type { SnapshotFrame } from '@holdfast/protocol';
import type { SessionSnapshot } from '../session/snapshot.ts';

/** Frames beyond about this many characters hold up what else the socket carries. */
const target = 65_536;

/**
 * A snapshot as the texts of its frames, of whole items; a single large item makes a large frame. Each
 * text is made when it is asked for, so that one that nobody takes costs nothing.
 */
export function* snapshotFrames(session: string, snapshot: SessionSnapshot): Generator<string> {
  const { position, items, runs, queue, operator, before, present } = snapshot;
  const { who, count } = present;
  let part: string[] = [];
  let size = 0;
  const frame = (rest: Partial<SnapshotFrame> & Pick<SnapshotFrame, 'more'>): string => {
    const { epoch, id: through } = position;
    const head = JSON.stringify({ t: 'snap', s: session, epoch, through });
    // The items are texts already: what is largest is not made twice.
    return `${head.slice(0, -1)},"items":[${part.join()}],${JSON.stringify(rest).slice(1)}`;
  };
  for (const item of items) {
    const next = JSON.stringify(item);
    if (part.length > 0 && size + next.length > target) {
      yield frame({ more: true });
      part = [];
      size = 0;
    }
    part.push(next);
    size += next.length;
  }
  yield frame({
    runs,
    ...(before === null ? {} : { before }),
    ...(queue.length === 0 ? {} : { queue }),
    ...(operator === null ? {} : { operator }),
    ...(who.length === 0 ? {} : { who }),
    ...(count > who.length ? { count } : {}),
    more: false,
  });
}
