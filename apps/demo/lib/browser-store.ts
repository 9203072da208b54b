/** What this browser keeps under a key, for all of its tabs; as `useSyncExternalStore` reads it. */
export interface BrowserStore<VALUE> {
  getSnapshot(): VALUE;
  getServerSnapshot(): VALUE;
  subscribe(listener: () => void): () => void;
  /** Read anew: another tab may have written while nobody here listened. */
  latest(): VALUE;
  /** Keeps what `read` makes a value of. Does nothing where storage is forbidden or full: what it holds are conveniences. */
  keep(stored: unknown): void;
}

/**
 * @param read makes a value of what is kept, whatever that is: others may have written it
 * @param none the value where nothing can be read
 */
export function createBrowserStore<VALUE>(
  key: string,
  read: (stored: unknown) => VALUE,
  none: VALUE,
): BrowserStore<VALUE> {
  const listeners = new Set<() => void>();
  let known: VALUE | undefined;

  function changed(): void {
    known = undefined;
    for (const listener of listeners) listener();
  }

  function latest(): VALUE {
    try {
      return read(JSON.parse(localStorage.getItem(key) ?? 'null'));
    } catch {
      return none;
    }
  }

  return {
    getSnapshot: () => {
      known ??= latest();
      return known;
    },
    getServerSnapshot: () => none,
    subscribe: (listener) => {
      listeners.add(listener);
      // Other tabs.
      window.addEventListener('storage', changed);
      return () => {
        listeners.delete(listener);
        window.removeEventListener('storage', changed);
      };
    },
    latest,
    keep: (stored) => {
      try {
        localStorage.setItem(key, JSON.stringify(stored));
      } catch {
        return;
      }
      changed();
    },
  };
}
