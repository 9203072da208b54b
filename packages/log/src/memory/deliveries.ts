import type { Delivery, Unsubscribe } from '../contract/deliveries.ts';

type Listener = (delivery: Delivery) => void;

/** An object, for a listener that subscribes twice is two. */
interface Subscriber {
  readonly listener: Listener;
}

/** Those of a session. A list without room for more, for they are few: mostly one, the feed of this process. */
interface Subscribers {
  list: readonly Subscriber[];
}

/**
 * Hands deliveries to the listeners of each session, in order and never inside the write that
 * caused them: a listener may write in turn without turning the order around.
 */
export class Deliveries {
  readonly #subscribers = new Map<string, Subscribers>();
  #queue: { readonly subscribers: Subscribers; readonly delivery: Delivery }[] = [];

  subscribe(session: string, listener: Listener): Unsubscribe {
    const own = { listener };
    const subscribers = this.#subscribers.get(session) ?? { list: [] };
    subscribers.list = subscribers.list.concat(own);
    this.#subscribers.set(session, subscribers);
    return () => this.#drop(session, own);
  }

  deliver(session: string, delivery: Delivery): void {
    const subscribers = this.#subscribers.get(session);
    if (!subscribers) return;
    if (this.#queue.push({ subscribers, delivery }) === 1) queueMicrotask(() => this.#drain());
  }

  clear(): void {
    for (const subscribers of this.#subscribers.values()) subscribers.list = [];
    this.#subscribers.clear();
  }

  #drop(session: string, own: Subscriber): void {
    const subscribers = this.#subscribers.get(session);
    if (!subscribers) return;
    subscribers.list = subscribers.list.filter((each) => each !== own);
    if (subscribers.list.length === 0) this.#subscribers.delete(session);
  }

  #drain(): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const { subscribers, delivery } of queue)
      for (const subscriber of subscribers.list)
        if (subscribers.list.includes(subscriber)) subscriber.listener(delivery);
  }
}
