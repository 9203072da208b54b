import type { FeedListener } from './contract.ts';

interface Own {
  readonly listener: FeedListener;
}

/** Calls every listener in turn; one that throws is reported and kept. */
export class Listeners {
  /** A list, which is as long as a session has hubs in this process: usually one. */
  #list: readonly Own[] = [];
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  add(listener: FeedListener): () => void {
    const own = { listener };
    this.#list = this.#list.concat(own);
    return () => {
      this.#list = this.#list.filter((each) => each !== own);
    };
  }

  /** Listeners that are added meanwhile are not called, nor are those that are removed. */
  call(event: (listener: FeedListener) => void): void {
    for (const own of this.#list) {
      if (!this.#list.includes(own)) continue;
      try {
        event(own.listener);
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  clear(): void {
    this.#list = [];
  }
}
