import type { OutboxOptions } from '../contract/options.ts';
import { unable } from '../errors.ts';
import type { SendStore, StorePorts } from './storage.ts';

/** Where sends are kept that no answer came for: nowhere, until what does it is loaded. */
export interface KeptSends {
  /** Null where none is wanted, and as long as it is not loaded. */
  readonly store: SendStore | null;
  /** Resolves when the storage can be read, or cannot be, which is told: it is then as good as none. */
  ready(): Promise<void> | undefined;
}

export function createKeptSends(outbox: OutboxOptions = {}, ports: StorePorts): KeptSends {
  const { storage } = outbox;
  let reading: Promise<void> | undefined;
  const kept: { store: SendStore | null; ready: KeptSends['ready'] } = {
    store: null,
    ready: () => {
      if (!storage) return undefined;
      reading ??= import('./storage.ts').then(
        async ({ createSendStore }) => {
          const store = createSendStore(storage, outbox, ports);
          await store.ready();
          kept.store = store;
        },
        (cause: unknown) => {
          reading = undefined;
          ports.report(unable('unavailable', 'keep messages: not loaded', { cause }));
        },
      );
      return reading;
    },
  };
  return kept;
}
