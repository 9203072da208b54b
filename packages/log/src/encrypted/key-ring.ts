import { HoldfastError } from '@holdfast/protocol';

export interface EncryptionKey {
  /** Stands in front of every text, to find the key again: 1 to 32 letters, digits, `_` or `-`. */
  readonly id: string;
  /** 32 bytes, or an AES-256-GCM key that may encrypt and decrypt. */
  readonly key: Uint8Array | CryptoKey;
}

export interface EncryptionOptions {
  /** The first encrypts, all of them decrypt. */
  readonly keys: readonly EncryptionKey[];
  /**
   * Lets texts through that are not encrypted, for the time in which an existing store moves.
   * @default false
   */
  readonly allowPlain?: boolean | undefined;
}

/** Encrypts and decrypts texts, each bound to where it stands. */
export interface KeyRing {
  /** Rejects with `internal` when the key may not be used for it. */
  seal(text: string, place: string): Promise<string>;
  /** Rejects with `internal` when the key is missing or does not fit, or the text was moved. */
  open(text: string, place: string): Promise<string>;
}

const algorithm = 'AES-GCM';
const keyBytes = 32;
/** What NIST SP 800-38D recommends for GCM. */
const ivBytes = 12;
const idPattern = /^[A-Za-z0-9_-]{1,32}$/;
const sealedPattern = /^enc1\.([A-Za-z0-9_-]{1,32})\.([A-Za-z0-9_-]+)$/;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const unreadable = (reason: string, cause?: unknown): HoldfastError =>
  new HoldfastError('internal', `unable to read the session: ${reason}`, { cause });

/** Throws `internal` for keys that cannot be used. Nothing of a key stands in a message. */
export function createKeyRing({ keys, allowPlain = false }: EncryptionOptions): KeyRing {
  const [first] = keys;
  if (!first) throw new HoldfastError('internal', 'unable to encrypt: the option "keys" is empty');
  const ring = new Map<string, Promise<CryptoKey>>();
  for (const { id, key } of keys) {
    if (!idPattern.test(id) || ring.has(id))
      throw new HoldfastError(
        'internal',
        'unable to encrypt: the id of each key must be its own, of 1 to 32 letters, digits, `_` or `-`',
      );
    ring.set(id, importKey(id, key));
  }
  return {
    seal: async (text, place) => {
      const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
      const params = { name: algorithm, iv, additionalData: encoder.encode(place) };
      try {
        const key = await (ring.get(first.id) as Promise<CryptoKey>);
        const sealed = await crypto.subtle.encrypt(params, key, encoder.encode(text));
        const data = Buffer.concat([iv, new Uint8Array(sealed)]).toString('base64url');
        return `enc1.${first.id}.${data}`;
      } catch (cause) {
        throw new HoldfastError(
          'internal',
          `unable to encrypt: the key "${first.id}" is not an AES-256-GCM key that may encrypt`,
          { cause },
        );
      }
    },
    open: async (text, place) => {
      const [, id, data] = sealedPattern.exec(text) ?? [];
      if (id === undefined || data === undefined) {
        if (allowPlain) return text;
        throw unreadable('it is not encrypted; the option "allowPlain" lets it through');
      }
      const key = ring.get(id);
      if (!key)
        throw unreadable(
          `it is encrypted with the key "${id}", which is not among the option "keys"`,
        );
      const bytes = Buffer.from(data, 'base64url');
      const iv = bytes.subarray(0, ivBytes);
      const params = { name: algorithm, iv, additionalData: encoder.encode(place) };
      try {
        return decoder.decode(
          await crypto.subtle.decrypt(params, await key, bytes.subarray(ivBytes)),
        );
      } catch (cause) {
        throw unreadable(`the key "${id}" does not fit, or what is stored was changed`, cause);
      }
    },
  };
}

function importKey(id: string, key: Uint8Array | CryptoKey): Promise<CryptoKey> {
  if (!(key instanceof Uint8Array)) return Promise.resolve(key);
  if (key.byteLength !== keyBytes)
    throw new HoldfastError(
      'internal',
      `unable to encrypt: the key "${id}" has ${key.byteLength} bytes and must have ${keyBytes}`,
    );
  const imported = crypto.subtle.importKey('raw', new Uint8Array(key), algorithm, false, [
    'encrypt',
    'decrypt',
  ]);
  // Whoever uses the key is told; until then nobody is there to hear it.
  imported.catch(() => {});
  return imported;
}
