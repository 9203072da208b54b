import { HoldfastError } from '@holdfast/protocol';

/** What the texts of one session are sealed with, and what they are told apart by. */
export interface DerivedKeys {
  readonly texts: CryptoKey;
  readonly digests: CryptoKey;
}

const keyBytes = 32;
const encoder = new TextEncoder();
/** Twelve bytes, as every nonce of GCM; random ones meet it once in 2^96. */
const rootNonce = encoder.encode('holdfast kdf');
const noSalt = new Uint8Array();

/**
 * The key that those of sessions are derived from. A key of the platform tells its bytes to nobody, but
 * encrypts: what it makes of zeros under a nonce of its own is as good as they are. Rejects with `internal`.
 */
export function rootOf(id: string, key: Uint8Array | CryptoKey): Promise<CryptoKey> {
  if (key instanceof Uint8Array && key.byteLength !== keyBytes)
    throw new HoldfastError(
      'internal',
      `unable to encrypt: the key "${id}" has ${key.byteLength} bytes and must have ${keyBytes}`,
    );
  const root = makeRoot(key).catch((cause: unknown) => {
    throw new HoldfastError(
      'internal',
      `unable to encrypt: the key "${id}" is not an AES-256-GCM key that may encrypt`,
      { cause },
    );
  });
  // Whoever uses the key is told; until then nobody is there to hear it.
  root.catch(() => {});
  return root;
}

async function makeRoot(key: Uint8Array | CryptoKey): Promise<CryptoKey> {
  const cipher =
    key instanceof Uint8Array
      ? await crypto.subtle.importKey('raw', new Uint8Array(key), 'AES-GCM', false, ['encrypt'])
      : key;
  if ('length' in cipher.algorithm && cipher.algorithm.length !== keyBytes * 8)
    throw new TypeError('the key has not 256 bits');
  const params = { name: 'AES-GCM', iv: rootNonce };
  const sealed = await crypto.subtle.encrypt(params, cipher, new Uint8Array(keyBytes));
  return await crypto.subtle.importKey('raw', sealed.slice(0, keyBytes), 'HKDF', false, [
    'deriveKey',
  ]);
}

/** A session has keys of its own, so that what bounds the use of a key bounds one session. */
export async function deriveFor(root: Promise<CryptoKey>, session: string): Promise<DerivedKeys> {
  const from = await root;
  const params = (purpose: string) => ({
    name: 'HKDF',
    hash: 'SHA-256',
    salt: noSalt,
    info: encoder.encode(`holdfast ${purpose} ${session}`),
  });
  const [texts, digests] = await Promise.all([
    crypto.subtle.deriveKey(params('texts'), from, { name: 'AES-GCM', length: 256 }, false, [
      'encrypt',
      'decrypt',
    ]),
    crypto.subtle.deriveKey(
      params('digests'),
      from,
      { name: 'HMAC', hash: 'SHA-256', length: 256 },
      false,
      ['sign'],
    ),
  ]);
  return { texts, digests };
}
