import type { Author, Position, QueuedSend, RunInfo, SnapshotItem } from '@holdfast/protocol';
import { shownInQueue } from '@holdfast/protocol';
import { chunksOfItem, isOpen, isPieced, segmentsOfItem } from '@holdfast/protocol/projection';
import { isShown, messageOf } from './fold-message.ts';
import { cursorAt } from './page.ts';
import type { Present } from './roster.ts';
import type { SessionView } from './view.ts';

/** A session at one position, as clients get it: its newest messages. */
export interface SessionSnapshot {
  readonly position: Position;
  readonly items: readonly SnapshotItem[];
  /** Live runs, and those of the last message. */
  readonly runs: readonly RunInfo[];
  readonly queue: readonly QueuedSend[];
  readonly operator: Author | null;
  /** The cursor of what is older; null when nothing is. */
  readonly before: string | null;
  readonly present: Present;
}

/** A session into which nothing was written yet. */
export const emptySnapshot = (position: Position, present: Present): SessionSnapshot => ({
  position,
  items: [],
  runs: [],
  queue: [],
  operator: null,
  before: null,
  present,
});

/** The snapshot that a view shows; the caller sees to it that the view stays as it is meanwhile. */
export async function snapshotOf(
  view: SessionView,
  present: () => Present,
): Promise<SessionSnapshot> {
  const { projection, position, pageStart } = view;
  const live = new Set(projection.liveRuns.map((run) => run.messageId));
  const { last } = projection;
  const items: SnapshotItem[] = [];
  for (const item of [...projection.items].slice(pageStart - view.start)) {
    const isWhole =
      item.kind === 'message' || (item !== last && !isOpen(projection, item) && !isPieced(item));
    if (isWhole) {
      const message = await messageOf(item);
      if (isShown(message)) items.push({ id: item.id, message, by: item.by });
    } else if (chunksOfItem(item).length > 0 || live.has(item.id))
      items.push({ id: item.id, segments: segmentsOfItem(item), by: item.by });
  }
  const runs = projection.runs.filter(
    (run) => run.state === 'running' || run.messageId === last?.id,
  );
  const before = await cursorAt(view, pageStart);
  const queue = projection.queue.map(shownInQueue);
  const { operator } = projection;
  return { position, items, runs, queue, operator, before, present: present() };
}
