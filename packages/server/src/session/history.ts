import { type Position, shownInQueue } from '@holdfast/protocol';
import type { SessionHub } from './hub.ts';
import { type MessagePage, pageOf, placeOf } from './page.ts';
import { parseCursor } from './page-cursor.ts';
import type { SessionSnapshot } from './snapshot.ts';

/** The newest messages of a session, and what goes on in it. */
export interface NewestPage
  extends MessagePage,
    Pick<SessionSnapshot, 'runs' | 'queue' | 'operator'> {
  readonly position: Position;
}

/** The newest `limit` messages with the runs that are live or wrote the last one. */
export const newestOf = (hub: SessionHub, limit: number): Promise<NewestPage> =>
  hub.project(async (projection, position, view) => {
    const page = await pageOf(view, Math.max(0, view.end - limit), view.end);
    const queue = projection.queue.map(shownInQueue);
    return { ...page, runs: projection.runs, queue, operator: projection.operator, position };
  });

/**
 * At most `limit` messages that are older than the cursor's. Rejects as `bad_request` or
 * `conflict` for a cursor that does not hold (HF-HTTP-35).
 */
export function olderThan(hub: SessionHub, text: string, limit: number): Promise<MessagePage> {
  const cursor = parseCursor(text);
  return hub.project(async (_, __, view) => {
    const place = await placeOf(view, cursor);
    return await pageOf(view, Math.max(0, place - limit), place);
  });
}
