import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { HoldfastError, isRecord } from '@holdfast/protocol';
import { sealedPrefix } from '../sealed-size.ts';
import { cipherName, type DerivedKeys, deriveFor, rootOf } from './derivation.ts';

/** A key, with a name that is stored with what it encrypted. */
export interface EncryptionKey {
  /** Stands in front of every text, to find the key again: 1 to 32 letters, digits, `_` or `-`. */
  readonly id: string;
  /** 32 bytes, or an AES-256-GCM key that may encrypt. */
  readonly key: Uint8Array | CryptoKey;
}

/** Options of `createEncryptedLog`. */
export interface EncryptionOptions {
  /** The first encrypts, all of them decrypt. */
  readonly keys: readonly EncryptionKey[];
  /**
   * Lets texts through that are not encrypted, for the time in which an existing store moves.
   * @default false
   */
  readonly allowPlain?: boolean | undefined;
}

/** Encrypts and decrypts the texts of sessions, each bound to where it stands. */
export interface KeyRing {
  readonly allowPlain: boolean;
  /** Ids of the keys, the one that encrypts first. */
  readonly ids: readonly string[];
  /** Rejects with `internal` when one of the keys may not be used. */
  check(): Promise<void>;
  /** Rejects with `internal` when the key may not be used for it. */
  seal(session: string, text: string, place: string): Promise<string>;
  /** Rejects with `internal` when the key is missing or does not fit, or the text was moved. */
  open(session: string, text: string, place: string): Promise<string>;
  /** `seal` for bytes. What it gives begins as a sealed text does. */
  sealBytes(session: string, data: Uint8Array, place: string): Promise<Uint8Array>;
  /** `open` for bytes. */
  openBytes(session: string, data: Uint8Array, place: string): Promise<Uint8Array>;
  /** The same for the same text, key and session; who has not the key cannot try texts against it. */
  digest(id: string, session: string, text: string): Promise<string>;
}

/** The length that NIST SP 800-38D recommends for GCM. */
const ivBytes = 12;
const tagBytes = 16;
/** 128 bits are enough to tell what is said under one name. */
const digestBytes = 16;
/** Sessions whose keys are kept at hand; deriving them again costs less than a round trip to a store. */
const keptSessions = 4_096;
const idPattern = /^[A-Za-z0-9_-]{1,32}$/;
const sealedPattern = /^enc2\.([A-Za-z0-9_-]{1,32})\.([A-Za-z0-9_-]+)$/;
const sealedHeadPattern = /^enc2\.([A-Za-z0-9_-]{1,32})\./;
const headBytes = 38;
const earlierPattern = /^enc1\./;

export const unreadable = (reason: string, cause?: unknown): HoldfastError =>
  new HoldfastError('internal', `unable to read the session: ${reason}`, { cause });

const changed = 'or what is stored was changed';
const notEncrypted = `it is not encrypted, ${changed}; the option "allowPlain" lets it through`;

/*
 * OpenSSL by `node:crypto` and not by WebCrypto: texts are small, so that a way through the thread pool costs
 * more than the work, and Node's WebCrypto ends the process when anything else in it has left an error in
 * OpenSSL's queue.
 */
function sealed(key: Uint8Array, data: Uint8Array, place: string): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(cipherName, key, iv, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(place));
  const parts = [iv, cipher.update(data), cipher.final()];
  return Buffer.concat([...parts, cipher.getAuthTag()]);
}

/** Throws for what was not sealed with this key, for this place. */
function opened(key: Uint8Array, bytes: Buffer, place: string): Buffer {
  const end = bytes.length - tagBytes;
  const iv = bytes.subarray(0, ivBytes);
  const decipher = createDecipheriv(cipherName, key, iv, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(bytes.subarray(end));
  const data = decipher.update(bytes.subarray(ivBytes, end));
  return Buffer.concat([data, decipher.final()]);
}

const fault = (reason: string): HoldfastError =>
  new HoldfastError('internal', `unable to encrypt: ${reason}`);

/** Throws `internal` for what can be no keys, whatever was given. Nothing of a key stands in a message. */
export function checkKeys(options: EncryptionOptions): void {
  const keys: unknown = isRecord(options) ? options.keys : undefined;
  if (!Array.isArray(keys))
    throw fault('the option `encryption` has no list of keys; give { keys: [{ id, key }] }');
  if (keys.length === 0)
    throw fault(
      'the option "keys" of `encryption` is empty; leave `encryption` out, or give a key',
    );
  const ids = new Set<string>();
  for (const each of keys as unknown[]) {
    const { id, key } = isRecord(each) ? each : {};
    if (typeof id !== 'string' || !idPattern.test(id) || ids.has(id))
      throw fault(
        'the id of each key must be its own, of 1 to 32 letters, digits, `_` or `-`; it is not the key, but its name',
      );
    if (!(key instanceof Uint8Array) && !(key instanceof CryptoKey))
      throw fault(keyReason(id, key));
    ids.add(id);
  }
}

function keyReason(id: string, key: unknown): string {
  if (key === undefined || key === null)
    return `the key "${id}" is not there; is its variable set?`;
  const cure = "give 32 bytes, such as Buffer.from(process.env.KEY, 'base64')";
  return `the key "${id}" is ${typeof key === 'string' ? 'a text' : 'no list of bytes'}; ${cure}`;
}

/** Throws `internal` for keys that cannot be used. Nothing of a key stands in a message. */
export function createKeyRing(options: EncryptionOptions): KeyRing {
  checkKeys(options);
  const { keys, allowPlain = false } = options;
  const [first] = keys as [EncryptionKey];
  const roots = new Map<string, Promise<Uint8Array>>();
  for (const { id, key } of keys) roots.set(id, rootOf(id, key));
  const derived = new Map<string, DerivedKeys>();
  const keysOf = async (id: string, session: string): Promise<DerivedKeys> => {
    const name = `${id} ${session}`;
    const root = await (roots.get(id) as Promise<Uint8Array>);
    const found = derived.get(name) ?? deriveFor(root, session);
    // Last in the map is used last, so that the first is the one to let go.
    derived.delete(name);
    derived.set(name, found);
    if (derived.size > keptSessions) derived.delete(derived.keys().next().value as string);
    return found;
  };
  const openWith = async (id: string, session: string, bytes: Buffer, place: string) => {
    if (!roots.has(id))
      throw unreadable(
        `it is encrypted with the key "${id}", which is not among the option "keys"`,
      );
    const { texts } = await keysOf(id, session);
    try {
      return opened(texts, bytes, place);
    } catch (cause) {
      throw unreadable(`the key "${id}" does not fit, ${changed}`, cause);
    }
  };
  return {
    allowPlain,
    ids: [...roots.keys()],
    check: async () => {
      await Promise.all(roots.values());
    },
    seal: async (session, text, place) => {
      const { texts } = await keysOf(first.id, session);
      const data = sealed(texts, Buffer.from(text), place);
      return `${sealedPrefix}${first.id}.${data.toString('base64url')}`;
    },
    open: async (session, text, place) => {
      const [, id, data] = sealedPattern.exec(text) ?? [];
      if (id === undefined || data === undefined) {
        if (earlierPattern.test(text))
          throw unreadable('it was encrypted by an earlier version; delete it');
        if (allowPlain && !text.startsWith(sealedPrefix)) return text;
        throw unreadable(notEncrypted);
      }
      return (await openWith(id, session, Buffer.from(data, 'base64url'), place)).toString();
    },
    sealBytes: async (session, data, place) => {
      const { texts } = await keysOf(first.id, session);
      const head = Buffer.from(`${sealedPrefix}${first.id}.`);
      return Buffer.concat([head, sealed(texts, data, place)]);
    },
    openBytes: async (session, data, place) => {
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      const [head, id] = sealedHeadPattern.exec(bytes.toString('latin1', 0, headBytes)) ?? [];
      if (head !== undefined && id !== undefined)
        return await openWith(id, session, bytes.subarray(head.length), place);
      if (allowPlain) return data;
      throw unreadable(notEncrypted);
    },
    digest: async (id, session, text) => {
      const { digests } = await keysOf(id, session);
      const whole = createHmac('sha256', digests).update(text).digest();
      return whole.toString('base64url', 0, digestBytes);
    },
  };
}
