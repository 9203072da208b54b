import type { ChatTransportOptions } from '../contract/options.ts';
import { loadedOnce } from '../loaded-once.ts';
import type { SendStore, StorePorts } from './storage.ts';

/** Where sends are kept that no answer came for: nowhere, until what does it is loaded. */
export interface KeptSends {
  /** Null where none is wanted, and as long as it is not loaded. */
  store: SendStore | null;
  /**
   * Resolves when the storage can be read, and what an earlier page could not send is on its way; or when it cannot be
   * read, which is told: it is then as good as none. Absent where there is no storage.
   */
  readonly ready: (() => Promise<void>) | undefined;
}

/** A storage, or none, and what it works with. */
type KeptSendsPorts = Omit<StorePorts, 'outbox'> & Pick<ChatTransportOptions, 'outbox'>;

export function createKeptSends(ports: KeptSendsPorts): KeptSends {
  const load = async () => {
    const { openSendStore } = await import('./storage.ts');
    kept.store = await openSendStore(ports as StorePorts);
    kept.store.sendAll();
  };
  const kept: KeptSends = {
    store: null,
    ready: ports.outbox?.storage && loadedOnce(load, 'keep messages: not loaded', ports.report),
  };
  return kept;
}
