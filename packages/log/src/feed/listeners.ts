import type { FeedListener } from './contract.ts';

/** Calls every listener in turn; one that throws is reported and kept. */
export class Listeners {
  readonly #set = new Set<{ readonly listener: FeedListener }>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  add(listener: FeedListener): () => void {
    const own = { listener };
    this.#set.add(own);
    return () => this.#set.delete(own);
  }

  /** Listeners that are added meanwhile are not called, nor are those that are removed. */
  call(event: (listener: FeedListener) => void): void {
    for (const own of [...this.#set]) {
      if (!this.#set.has(own)) continue;
      try {
        event(own.listener);
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  clear(): void {
    this.#set.clear();
  }
}
