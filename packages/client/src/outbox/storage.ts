import type { HoldfastError, SendRequest } from '@holdfast/protocol';
import type { OutboxOptions, OutboxStorage } from '../contract/options.ts';
import type { OwnSend, SessionAct } from '../contract/session.ts';
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
  /**
   * Keeps a send until it is over. Null for an edit, which relies on what its sender has seen: a later page has seen
   * something else.
   */
  keep(send: SendRequest, own: OwnSend): Keeping | null;
  /** Takes out a send; false where it is not there. */
  drop(send: Named): boolean;
  /** True for a send that was refused for who asked, and stays. `end` is called when it is sent again. */
  holds(send: SendRequest, error: unknown, end: () => void): error is HoldfastError;
  /**
   * Sends what an earlier page could not: those of this owner, oldest first, but for those that are among the acts of
   * their session. Asked once, and again when somebody else may ask (HF-CONN-11).
   */
  sendAll(): void;
}

/** What tells stored sends apart. */
type Named = Pick<SendRequest, 'id' | 'command'>;

/** A send on its way that is kept. */
interface Keeping {
  /** False once another page has taken back what an earlier one stored. */
  readonly isWanted: () => boolean;
  /**
   * It is taken out, unless the transport closes, or the error is none of what is asked: a refusal of who asks
   * (HF-CONN-11), or that nobody has answered in all the tries.
   */
  readonly end: (error: unknown) => void;
}

const isOfAsker = (error: unknown): error is HoldfastError =>
  ['unauthorized', 'forbidden'].includes((error as Partial<HoldfastError> | null)?.code ?? '');

/** Whether all tries were in vain: without an answer, which has no code, or with the one that there is none for now. */
const isUnanswered = (error: unknown): boolean =>
  error instanceof Error &&
  error.name !== 'AbortError' &&
  ['unavailable', undefined].includes((error as Partial<HoldfastError>).code);

/** As long as the server remembers commands, so that repeating one is safe: 24 h, in ms. */
const oldestMs = 86_400_000;

/** The clock of a store, whose sends it keeps and by what they go, and whom it tells of faults. */
export interface StorePorts {
  readonly outbox: OutboxOptions & { readonly storage: OutboxStorage };
  readonly api: string;
  readonly environment: Pick<Environment, 'now'>;
  readonly report: (error: unknown) => void;
  /** Fires when the transport closes: what is kept stays for the next page. */
  readonly signal: AbortSignal;
  readonly unable: typeof unable;
  readonly acts: (session: string) => Iterable<SessionAct>;
  readonly send: (stored: SendRequest) => Promise<unknown>;
}

/**
 * A store that is told to nobody else; a storage that is full or forbidden is as good as none. Resolves when the storage
 * can be read, or cannot be.
 */
export async function openSendStore(ports: StorePorts): Promise<SendStore> {
  const { api, environment, report, signal, unable, acts, send: sendAgain } = ports;
  const { storage, owner = '', ready } = ports.outbox;
  const prefix = `holdfast ${JSON.stringify([api, owner])} `;
  const keyOf = ({ id, command }: Named): string => `${prefix}${id} ${command}`;
  /** Functions that end the showing of sends that were refused and stay, by their keys. */
  const held = new Map<string, () => void>();
  let lastAt = 0;

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
        else remove(key);
      }
      return found.sort((a, b) => a.at - b.at);
    }, []);

  const save = ({ send, at }: StoredSend): unknown =>
    attempt(() => storage.setItem(keyOf(send), JSON.stringify({ v: 1, at, send })), undefined);
  const remove = (key: string): unknown => attempt(() => storage.removeItem(key), undefined);
  const has = (send: Named): boolean => attempt(() => storage.getItem(keyOf(send)) !== null, true);

  await Promise.resolve().then(ready).catch(failed);
  return {
    keep: (send, { isStored }) => {
      if (send.after !== undefined || send.transcript) return null;
      // Sends of the same millisecond keep their order.
      lastAt = Math.max(environment.now(), lastAt + 1);
      if (!isStored) save({ send, at: lastAt });
      return {
        // A send that a storage did not take was not taken out of it either.
        isWanted: () => !isStored || has(send),
        end: (error) => {
          if (!signal.aborted && !isOfAsker(error) && !isUnanswered(error)) remove(keyOf(send));
        },
      };
    },
    drop: (send) => {
      held.get(keyOf(send))?.();
      if (!has(send)) return false;
      remove(keyOf(send));
      return true;
    },
    holds: (send, error, end): error is HoldfastError => {
      const isHeld = isOfAsker(error) && has(send);
      if (isHeld) held.set(keyOf(send), end);
      return isHeld;
    },
    sendAll: () => {
      if (signal.aborted) return;
      for (const end of held.values()) end();
      held.clear();
      for (const { send: stored } of load()) {
        if ([...acts(stored.id)].some(({ command }) => command === stored.command)) continue;
        sendAgain(stored).catch((error: unknown) => {
          // A send that is given up stays stored, or was taken back on another page.
          if ((error as Error).name !== 'AbortError') report(error);
        });
      }
    },
  };
}
