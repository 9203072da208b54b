/** Holds a script where it stands until a test lets it go on, so that no test has to wait by time. */
export interface Gate {
  /** Lets the next `count` through, those who wait first; one when no count is given. */
  open(count?: number): void;
  /** Lets everybody through from now on. */
  openForGood(): void;
  /** Settles once somebody waits at the closed gate; at once when somebody does already. */
  arrival(): Promise<void>;
  /** Settles once the gate lets the caller through; rejects with the signal's reason on abort. */
  pass(signal?: AbortSignal): Promise<void>;
}

interface Waiter {
  readonly enter: () => void;
}

/** A gate that is closed until the test opens it. */
export function createGate(): Gate {
  const waiting = new Set<Waiter>();
  const watchers = new Set<() => void>();
  let tickets = 0;

  return {
    open(count = 1) {
      tickets += count;
      for (const waiter of waiting) {
        if (tickets < 1) break;
        tickets -= 1;
        waiter.enter();
      }
    },
    openForGood() {
      this.open(Number.POSITIVE_INFINITY);
    },
    arrival() {
      if (waiting.size > 0) return Promise.resolve();
      return new Promise((resolve) => watchers.add(resolve));
    },
    pass(signal) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      if (tickets >= 1) {
        tickets -= 1;
        return Promise.resolve();
      }
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          waiting.delete(waiter);
          signal?.removeEventListener('abort', giveUp);
        };
        const giveUp = (): void => {
          leave();
          reject(signal?.reason);
        };
        const waiter: Waiter = {
          enter() {
            leave();
            resolve();
          },
        };
        signal?.addEventListener('abort', giveUp);
        waiting.add(waiter);
        for (const watcher of watchers) watcher();
        watchers.clear();
      });
    },
  };
}
