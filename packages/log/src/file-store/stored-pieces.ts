import { createHash, randomBytes } from 'node:crypto';
import { HoldfastError } from '@holdfast/protocol';
import type { FileStore } from '../contract/file-store.ts';
import { timerMs } from '../feed/timers.ts';

/** A piece that lies in the store, as the log knows it. */
export interface Stored {
  readonly key: string;
  readonly bytes: number;
}

/** The pieces of all sessions in the store. Each act has so much time, and every failure becomes a `HoldfastError`. */
export class StoredPieces {
  readonly #store: FileStore;
  readonly #prefix: string;
  readonly #timeoutMs: number;

  constructor(store: FileStore, prefix: string, timeoutMs: number) {
    this.#store = store;
    this.#prefix = prefix;
    this.#timeoutMs = timeoutMs;
  }

  /** Rejects with words unless the store keeps and gives back bytes. */
  async check(): Promise<void> {
    const data = randomBytes(64);
    const key = `${this.#prefix}:probe:${randomBytes(16).toString('hex')}`;
    await this.#ask('keep files', () => this.#store.setItemRaw(key, data));
    const back = await this.#ask('keep files', () => this.#store.getItemRaw(key));
    await this.#ask('keep files', () => this.#store.removeItem(key));
    if (!data.equals(bytesOf(back) ?? Buffer.alloc(0)))
      throw new HoldfastError(
        'internal',
        'unable to keep files: the option `fileStore` gives back other bytes than it was given; look at its driver',
      );
  }

  async put(session: string, { key }: Stored, data: Uint8Array): Promise<void> {
    // The store may keep what it is given, and whose data it is may use them again.
    const copy = Buffer.from(data);
    await this.#ask('keep the file', () =>
      this.#store.setItemRaw(`${this.#folder(session)}:${key}`, copy),
    );
  }

  /** Null for what the store does not have any more. */
  async get(session: string, { key, bytes }: Stored): Promise<Uint8Array | null> {
    const found = await this.#ask('read the file', () =>
      this.#store.getItemRaw(`${this.#folder(session)}:${key}`),
    );
    if (found === null || found === undefined) return null;
    const data = bytesOf(found);
    if (data?.byteLength === bytes) return data;
    throw new HoldfastError(
      'internal',
      'unable to read the file: the option `fileStore` gives back other bytes than it was given',
    );
  }

  /** Removes them, those that are there. */
  async removeAll(session: string, keys: readonly string[]): Promise<void> {
    const folder = this.#folder(session);
    const remove = (key: string) =>
      this.#ask('remove the file', () => this.#store.removeItem(`${folder}:${key}`));
    await Promise.all(keys.map(remove));
  }

  /** A digest, because file systems may not tell upper case from lower, and a session's id does. */
  #folder(session: string): string {
    const name = createHash('sha256').update(session).digest('hex').slice(0, 32);
    return `${this.#prefix}:${name}`;
  }

  async #ask(act: string, ask: () => Promise<unknown>): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('no answer in time')), timerMs(this.#timeoutMs));
    });
    try {
      return await Promise.race([ask(), late]);
    } catch (cause) {
      throw toFault(act, cause);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Codes of file systems, and the names that services give to the same. */
const fullPattern = /^(ENOSPC|EDQUOT|QuotaExceeded\w*|EntityTooLarge|InsufficientStorage)$/;

function isFull(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  const [code, status, statusCode] = ['code', 'status', 'statusCode'].map((name): unknown =>
    Reflect.get(cause, name),
  );
  return (
    [code, cause.name].some((name) => fullPattern.test(String(name))) ||
    status === 507 ||
    statusCode === 507
  );
}

function toFault(act: string, cause: unknown): HoldfastError {
  if (isFull(cause))
    return new HoldfastError(
      'full',
      `unable to ${act}: there is no room for files; tell whoever runs this to make some`,
      { cause },
    );
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new HoldfastError(
    'unavailable',
    `unable to ${act}: the store of the option \`fileStore\`: ${reason}`,
    { cause },
  );
}

function bytesOf(found: unknown): Uint8Array | null {
  if (found instanceof Uint8Array) return found;
  return found instanceof ArrayBuffer ? new Uint8Array(found) : null;
}
