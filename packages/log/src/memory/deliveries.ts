import type { Delivery, Unsubscribe } from '../contract/deliveries.ts';

type Listener = (delivery: Delivery) => void;

/** Those of a session. A list, for they are few: mostly one, the feed of this process. */
interface Listeners {
  list: readonly Listener[];
}

/**
 * Hands deliveries to the listeners of each session, in order and never inside the write that
 * caused them: a listener may write in turn without turning the order around.
 */
export class Deliveries {
  readonly #listeners = new Map<string, Listeners>();
  #queue: { readonly listeners: Listeners; readonly delivery: Delivery }[] = [];

  subscribe(session: string, listener: Listener): Unsubscribe {
    const own: Listener = (delivery) => listener(delivery);
    const listeners = this.#listeners.get(session) ?? { list: [] };
    listeners.list = listeners.list.concat(own);
    this.#listeners.set(session, listeners);
    return () => {
      listeners.list = listeners.list.filter((each) => each !== own);
      if (listeners.list.length === 0 && this.#listeners.get(session) === listeners)
        this.#listeners.delete(session);
    };
  }

  deliver(session: string, delivery: Delivery): void {
    const listeners = this.#listeners.get(session);
    if (!listeners) return;
    if (this.#queue.push({ listeners, delivery }) === 1) queueMicrotask(() => this.#drain());
  }

  clear(): void {
    for (const listeners of this.#listeners.values()) listeners.list = [];
    this.#listeners.clear();
  }

  #drain(): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const { listeners, delivery } of queue)
      for (const listener of listeners.list)
        if (listeners.list.includes(listener)) listener(delivery);
  }
}
