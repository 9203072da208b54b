import { abortError } from './abort.ts';

/** Tells listeners that something changed, without saying what: they read it themselves. */
export interface Changes {
  /** Needs no `this`: `useSyncExternalStore` takes it as a bare function. */
  subscribe(this: void, listener: () => void): () => void;
  notify(this: void): void;
  /**
   * Resolves with what `read` gives once that is something; rejects when it throws, and with an
   * `AbortError` when the signal fires first.
   */
  until<T>(read: () => T | undefined | null | '' | false, signal?: AbortSignal): Promise<T>;
}

export function createChanges(): Changes {
  const listeners = new Set<() => void>();
  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    notify: () => {
      for (const listener of [...listeners]) listener();
    },
    until: (read, signal) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          // Settled, or told of what `read` itself changes.
          if (!listeners.delete(check)) return;
          try {
            if (signal?.aborted) throw abortError();
            const value = read();
            if (!value) {
              listeners.add(check);
              return;
            }
            resolve(value);
          } catch (error) {
            reject(error);
          }
          signal?.removeEventListener('abort', check);
        };
        listeners.add(check);
        signal?.addEventListener('abort', check);
        check();
      }),
  };
}

/** A value that user interfaces can follow with `useSyncExternalStore`. */
export interface Observable<T> {
  /** Calls the listener after each change; returns what ends that. */
  readonly subscribe: (listener: () => void) => () => void;
  /** The same object until something changed. */
  readonly getSnapshot: () => T;
}
