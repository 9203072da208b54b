import type { Chunk, QueuedSend, QueueEntry } from './entries.ts';
import { reachedBy } from './steers.ts';

/** The queue that an entry leaves; ids that nothing is known of are left out. */
export function withOrder(
  queue: readonly QueuedSend[],
  { order, add }: QueueEntry,
): readonly QueuedSend[] {
  if (!Array.isArray(order)) return queue;
  const known = new Map(queue.map((each) => [each.id, each]));
  if (add) known.set(add.id, add);
  return [...new Set(order)].flatMap((id) => known.get(id) ?? []);
}

/** The queue without messages that reached the model of the run that they were meant for. */
export function withoutConsumed(
  queue: readonly QueuedSend[],
  chunks: readonly Chunk[],
): readonly QueuedSend[] {
  const isConsumed = ({ run, messages }: QueuedSend): boolean =>
    run !== undefined && messages.some(reachedBy(chunks));
  return queue.some(isConsumed) ? queue.filter((each) => !isConsumed(each)) : queue;
}

/** The queued send as clients are told of it, without what is for the server. */
export const shownInQueue = ({ hidden: _, ...shown }: QueuedSend): QueuedSend => shown;

/** How a send takes its place behind others that wait. */
export type Queueing = 'queue' | 'merge' | 'latest' | 'steer';

/**
 * The entry that queues a send. `merge` adds it to the last one where that has the same author,
 * `latest` takes the place of all that wait, and what is meant for a run (`steer`) goes before what is
 * not.
 */
export function queueEntry(
  queue: readonly QueuedSend[],
  send: QueuedSend,
  queueing: Queueing,
): QueueEntry {
  const { at } = send;
  if (queueing === 'latest') return { k: 'queue', order: [send.id], add: send, at };
  const order = queue.map(({ id }) => id);
  if (queueing === 'steer') {
    const before = queue.filter(({ run }) => run !== undefined).map(({ id }) => id);
    return { k: 'queue', order: [...new Set([...before, send.id, ...order])], add: send, at };
  }
  const last = queue.at(-1);
  if (queueing === 'merge' && last && last.run === undefined && last.by?.id === send.by?.id) {
    const add = { ...send, id: last.id, messages: [...last.messages, ...send.messages] };
    return { k: 'queue', order, add, at };
  }
  return { k: 'queue', order: [...order, send.id], add: send, at };
}

/** The order that somebody wants: what is not named stays behind it as it was. */
export function reordered(
  queue: readonly QueuedSend[],
  {
    order = [],
    remove = [],
  }: { readonly order?: readonly string[]; readonly remove?: readonly string[] },
): readonly string[] {
  const gone = new Set(remove);
  const left = new Set(queue.map(({ id }) => id).filter((id) => !gone.has(id)));
  return [...new Set([...order.filter((id) => left.has(id)), ...left])];
}
