import { createCipheriv, hkdfSync } from 'node:crypto';
import { HoldfastError } from '@holdfast/protocol';

/** The keys that seal the texts of one session, and that tell these apart. */
export interface DerivedKeys {
  readonly texts: Uint8Array;
  readonly digests: Uint8Array;
}

export const cipherName = 'aes-256-gcm';
const keyBytes = 32;
/** Twelve bytes, as every nonce of GCM; random ones meet it once in 2^96. */
const rootNonce = new TextEncoder().encode('holdfast kdf');
const zeros = new Uint8Array(keyBytes);

/**
 * The bytes that keys of sessions are derived from. A key of the platform tells its own to nobody, but
 * encrypts: what it makes of zeros under a nonce of its own is as good as they are. Rejects with `internal`.
 */
export function rootOf(id: string, key: Uint8Array | CryptoKey): Promise<Uint8Array> {
  if (key instanceof Uint8Array && key.byteLength !== keyBytes)
    throw new HoldfastError(
      'internal',
      `unable to encrypt: the key "${id}" has ${key.byteLength} bytes and must have ${keyBytes}; \`openssl rand -base64 32\` makes such a one, which Buffer.from(text, 'base64') reads`,
    );
  const root = makeRoot(key).catch((cause: unknown) => {
    throw new HoldfastError(
      'internal',
      `unable to encrypt: the key "${id}" is not an AES-256-GCM key that may encrypt`,
      { cause },
    );
  });
  // The user of the key is told; until then nobody is there to hear it.
  root.catch(() => {});
  return root;
}

async function makeRoot(key: Uint8Array | CryptoKey): Promise<Uint8Array> {
  if (key instanceof Uint8Array) return createCipheriv(cipherName, key, rootNonce).update(zeros);
  if ('length' in key.algorithm && key.algorithm.length !== keyBytes * 8)
    throw new TypeError('the key has not 256 bits');
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: rootNonce }, key, zeros);
  return new Uint8Array(sealed, 0, keyBytes);
}

/** A session has keys of its own, so that what bounds the use of a key bounds one session. */
export function deriveFor(root: Uint8Array, session: string): DerivedKeys {
  const derive = (purpose: string): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', root, '', `holdfast ${purpose} ${session}`, keyBytes));
  return { texts: derive('texts'), digests: derive('digests') };
}
