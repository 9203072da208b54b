import type { FeedListener } from './contract.ts';

const nobody: readonly FeedListener[] = [];

/** Calls every listener in turn; one that throws is reported and kept. */
export class Listeners {
  /** A list, which is as long as a session has hubs in this process: usually one. Made by `concat`, which leaves no room. */
  #list = nobody;
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** One that is added twice is called twice. Returns what takes it back, once. */
  add(listener: FeedListener): () => void {
    this.#list = this.#list.concat(listener);
    let isOver = false;
    return () => {
      if (!isOver) this.remove(listener);
      isOver = true;
    };
  }

  /** For who does not keep what `add` returned. */
  remove(listener: FeedListener): void {
    const at = this.#list.indexOf(listener);
    if (at !== -1) this.#list = this.#list.toSpliced(at, 1);
  }

  /** Listeners that are added meanwhile are not called, nor are those that are removed. */
  call(event: (listener: FeedListener) => void): void {
    for (const listener of this.#list) {
      if (!this.#list.includes(listener)) continue;
      try {
        event(listener);
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  clear(): void {
    this.#list = nobody;
  }
}
