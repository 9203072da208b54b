import { abortError } from './abort.ts';

/** Tells listeners that something changed, without saying what: they read it themselves. */
export class Changes {
  readonly #listeners = new Set<() => void>();

  /** Bound, because `useSyncExternalStore` takes it as a bare function. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /**
   * Resolves with what `read` gives once that is not `undefined`; rejects when it throws, and with
   * an `AbortError` when the signal fires first.
   */
  until<T>(read: () => T | undefined, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        unsubscribe();
        signal?.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        end();
        reject(abortError());
      };
      const check = (): void => {
        try {
          const value = read();
          if (value === undefined) return;
          end();
          resolve(value);
        } catch (error) {
          end();
          reject(error);
        }
      };
      const unsubscribe = this.subscribe(check);
      signal?.addEventListener('abort', abort);
      if (signal?.aborted) abort();
      else check();
    });
  }
}

/** A value that user interfaces can follow with `useSyncExternalStore`. */
export interface Observable<T> {
  /** Calls the listener after each change; returns what ends that. */
  readonly subscribe: (listener: () => void) => () => void;
  /** The same object until something changed. */
  readonly getSnapshot: () => T;
}
