import type { SendRequest } from '@holdfast/protocol';
import type { OutboxOptions, OutboxStorage } from '../contract/options.ts';
import type { SessionAct } from '../contract/session.ts';
import type { Environment } from '../environment.ts';
import type { unable } from '../errors.ts';

/** A send that outlived its page. */
interface StoredSend {
  readonly send: SendRequest;
  /** When it was kept, in ms since 1970: the order in which stored sends go out. */
  readonly at: number;
}

// Loaded where a storage is given, when the transport is used first. It imports nothing that the page has already, so
// that it is one piece for every bundler.

/** Keeps the sends that no answer came for, each under a key of its own. */
export interface SendStore {
  /** Resolves when the storage can be read, or cannot be. Asked once. */
  ready(): Promise<void>;
  save(stored: StoredSend): void;
  remove(send: SendRequest): void;
  has(send: SendRequest): boolean;
  /** Sends those of this owner again, oldest first, but for those that are among the acts of their session. */
  sendAll(
    acts: (session: string) => Iterable<SessionAct>,
    send: (stored: SendRequest) => Promise<unknown>,
  ): void;
}

/** As long as the server remembers commands, so that repeating one is safe: 24 h, in ms. */
const oldestMs = 86_400_000;

/** The clock of a store, whose sends it keeps, and whom it tells of faults. */
export interface StorePorts {
  readonly api: string;
  readonly environment: Pick<Environment, 'now'>;
  readonly report: (error: unknown) => void;
  readonly unable: typeof unable;
}

/** A store that is told to nobody else; a storage that is full or forbidden is as good as none. */
export function createSendStore(
  storage: OutboxStorage,
  { owner = '', ready }: OutboxOptions,
  { api, environment, report, unable }: StorePorts,
): SendStore {
  const prefix = `holdfast ${JSON.stringify([api, owner])} `;
  const keyOf = ({ id, command }: SendRequest): string => `${prefix}${id} ${command}`;

  const failed = (cause: unknown): void =>
    report(unable('unavailable', 'keep messages: the storage failed', { cause }));

  function attempt<T>(act: () => T, otherwise: T): T {
    try {
      const done = act();
      (done as Promise<unknown> | undefined)?.catch?.(failed);
      return done;
    } catch (cause) {
      failed(cause);
      return otherwise;
    }
  }

  function sendAt(key: string): StoredSend | null {
    try {
      const { v, send, at } = JSON.parse(storage.getItem(key) ?? '') as StoredSend & {
        v: unknown;
      };
      return v === 1 && environment.now() - at <= oldestMs && keyOf(send) === key
        ? { send, at }
        : null;
    } catch {
      return null;
    }
  }

  const load = (): readonly StoredSend[] =>
    attempt(() => {
      const keys = Array.from({ length: storage.length }, (_, at) => storage.key(at));
      const found: StoredSend[] = [];
      for (const key of keys) {
        if (!key?.startsWith(prefix)) continue;
        const stored = sendAt(key);
        if (stored) found.push(stored);
        else storage.removeItem(key);
      }
      return found.sort((a, b) => a.at - b.at);
    }, []);

  return {
    ready: () => Promise.resolve().then(ready).catch(failed),
    save: ({ send, at }) =>
      attempt(() => storage.setItem(keyOf(send), JSON.stringify({ v: 1, at, send })), undefined),
    remove: (send) => attempt(() => storage.removeItem(keyOf(send)), undefined),
    has: (send) => attempt(() => storage.getItem(keyOf(send)) !== null, true),
    sendAll: (acts, send) => {
      for (const { send: stored } of load()) {
        if ([...acts(stored.id)].some(({ command }) => command === stored.command)) continue;
        send(stored).catch((error: unknown) => {
          // A send that is given up stays stored, or was taken back on another page.
          if ((error as Error).name !== 'AbortError') report(error);
        });
      }
    },
  };
}
