import type { SnapshotFrame, SnapshotItem } from '@holdfast/protocol';
import type { SessionSnapshot } from '../session/hub.ts';

/** Frames beyond about this many characters hold up what else the socket carries. */
const target = 65_536;

/** A snapshot in frames of whole items; a single large item makes a large frame. */
export function* snapshotFrames(
  session: string,
  { position, items, runs, queue, operator, before, who }: SessionSnapshot,
): Generator<SnapshotFrame> {
  const head = { t: 'snap', s: session, epoch: position.epoch, through: position.id } as const;
  let part: SnapshotItem[] = [];
  let size = 0;
  for (const item of items) {
    const next = JSON.stringify(item).length;
    if (part.length > 0 && size + next > target) {
      yield { ...head, items: part, more: true };
      part = [];
      size = 0;
    }
    part.push(item);
    size += next;
  }
  const older = before === null ? {} : { before };
  const waiting = queue.length === 0 ? {} : { queue };
  const answering = operator === null ? {} : { operator };
  const present = who.length === 0 ? {} : { who };
  yield { ...head, items: part, runs, ...older, ...waiting, ...answering, ...present, more: false };
}
