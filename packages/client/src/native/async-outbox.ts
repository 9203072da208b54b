import type { OutboxOptions, OutboxStorage } from '../contract/options.ts';
import type { Environment } from '../environment.ts';

/** The part of `@react-native-async-storage/async-storage` that is used; versions 2 and 3 have it. */
export interface AsyncStorageModule {
  /** Null where there is no value. */
  getItem(key: string): Promise<string | null>;
  /** Resolves when the value is kept. */
  setItem(key: string, value: string): Promise<unknown>;
  /** Resolves when the value is gone. */
  removeItem(key: string): Promise<unknown>;
  /** The keys of all that is kept, the app's own too. */
  getAllKeys(): Promise<readonly string[]>;
}

/** Options of `asyncOutbox`. */
export interface AsyncOutboxOptions {
  /** As `outbox.owner` of `createChatTransport`. */
  readonly owner?: string | undefined;
  /** Calls a function after so many ms; for tests. @default setTimeout */
  readonly after?: Environment['after'] | undefined;
}

/** Sends wait so long for what a storage has. */
const readyMs = 5_000;

/** One for each storage, so that transports that follow each other read what is still being written. */
const mirrors = new WeakMap<AsyncStorageModule, Mirror>();

type Mirror = { readonly [K in 'storage' | 'ready']-?: NonNullable<OutboxOptions[K]> };

/**
 * The option `outbox` of `createChatTransport` over a storage that is read and written asynchronously.
 * What it has is read before the first message is sent, which waits for it up to 5 s; what is read later is
 * sent after the next start. Messages are written at once, and sent without
 * waiting for that: an app that is killed in the same moment may lose them. What cannot be read or written
 * is told to `onError`, and sends go on without.
 */
export function asyncOutbox(
  storage: AsyncStorageModule,
  { owner, after = timer }: AsyncOutboxOptions = {},
): OutboxOptions {
  const mirror = mirrors.get(storage) ?? createMirror(storage);
  mirrors.set(storage, mirror);
  return { storage: mirror.storage, owner, ready: () => inTime(mirror.ready(), after) };
}

const timer: Environment['after'] = (ms, run) => {
  const id = setTimeout(run, ms);
  return () => clearTimeout(id);
};

async function inTime(reading: PromiseLike<void>, after: Environment['after']): Promise<void> {
  let end = (): void => {};
  const late = new Promise<void>((_, reject) => {
    end = after(readyMs, () => reject(new Error('no answer')));
  });
  try {
    await Promise.race([reading, late]);
  } finally {
    end();
  }
}

/** What the keys of the outbox begin with; the app's own values are not read. */
const ours = 'holdfast ';

/** The values in memory, where they can be read at once, and behind them the storage. */
function createMirror(behind: AsyncStorageModule): Mirror {
  const values = new Map<string, string>();
  /** The last write of a key; the next one waits for it, so that they keep their order. */
  const writes = new Map<string, Promise<unknown>>();
  /** Keys that were written before all was read: what is read of them is older. Null once it is. */
  let newer: Set<string> | null = new Set();
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    const keys = (await behind.getAllKeys()).filter((key) => key.startsWith(ours));
    await Promise.all(
      keys.map(async (key) => {
        const value = await behind.getItem(key);
        if (value !== null && !newer?.has(key)) values.set(key, value);
      }),
    );
    newer = null;
  }

  function write(key: string, act: () => Promise<unknown>): Promise<unknown> {
    newer?.add(key);
    const before = writes.get(key);
    const written = (before ?? Promise.resolve()).catch(() => {}).then(act);
    writes.set(key, written);
    // Who asked may look at what became of it, and need not.
    written
      .catch(() => {})
      .then(() => {
        if (writes.get(key) === written) writes.delete(key);
      });
    return written;
  }

  const storage: OutboxStorage = {
    get length() {
      return values.size;
    },
    key: (at) => [...values.keys()][at] ?? null,
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => {
      values.set(key, value);
      return write(key, () => behind.setItem(key, value));
    },
    removeItem: (key) => {
      values.delete(key);
      return write(key, () => behind.removeItem(key));
    },
  };
  return {
    storage,
    ready: () => {
      // What could not be read is tried again by the next transport.
      reading ??= read().catch((error: unknown) => {
        reading = undefined;
        throw error;
      });
      return reading;
    },
  };
}
