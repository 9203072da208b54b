import { type Changes, createChanges } from '../changes.ts';

/** The network of the page, as far as the panel can cut it. */
export interface Cable extends Pick<Changes, 'subscribe'> {
  readonly isCut: boolean;
  /** Fires when it is cut; another one afterwards. */
  readonly signal: AbortSignal;
  cut(): void;
  restore(): void;
}

export function createCable(): Cable {
  const changes = createChanges();
  let broken = new AbortController();
  return {
    subscribe: changes.subscribe,
    get isCut() {
      return broken.signal.aborted;
    },
    get signal() {
      return broken.signal;
    },
    cut() {
      broken.abort();
      changes.notify();
    },
    restore() {
      if (!broken.signal.aborted) return;
      broken = new AbortController();
      // A browser tells its page when the network is back.
      globalThis.dispatchEvent?.(new Event('online'));
      changes.notify();
    },
  };
}
