import type { Author, Message } from './entries.ts';

/** A send that waits for its turn. */
export interface QueuedSend {
  /** The command under which its run will start. */
  readonly id: string;
  /** Usually one; more where sends were merged. */
  readonly messages: readonly Message[];
  readonly by?: Author;
  readonly at: number;
  /** For whoever starts the run; clients are not told. */
  readonly hidden?: unknown;
}

/** The queue as it is from now on. */
export interface QueueEntry {
  readonly k: 'queue';
  /** Ids of all that wait, the next one first. */
  readonly order: readonly string[];
  /** The one among them that is new, or changed. */
  readonly add?: QueuedSend;
  readonly at: number;
}

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

/** What clients are told of it. */
export const shownInQueue = ({ hidden: _, ...shown }: QueuedSend): QueuedSend => shown;

/** How a send takes its place behind others that wait. */
export type Queueing = 'queue' | 'merge' | 'latest';

/**
 * The entry that queues a send. `merge` adds it to the last one where that has the same author,
 * `latest` takes the place of all that wait.
 */
export function queueEntry(
  queue: readonly QueuedSend[],
  send: QueuedSend,
  queueing: Queueing,
): QueueEntry {
  const { at } = send;
  if (queueing === 'latest') return { k: 'queue', order: [send.id], add: send, at };
  const order = queue.map(({ id }) => id);
  const last = queue.at(-1);
  if (queueing === 'merge' && last && last.by?.id === send.by?.id) {
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
  const ids = queue.map(({ id }) => id).filter((id) => !remove.includes(id));
  return [...new Set([...order.filter((id) => ids.includes(id)), ...ids])];
}
