import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';

/** Who a connection or a request is. */
export interface Identity {
  readonly clientId: string | undefined;
}

export interface TokenRequest {
  readonly keyName: string;
  readonly ttl?: number;
  readonly capability?: string;
  readonly clientId?: string;
  readonly timestamp: number;
  readonly nonce: string;
  readonly mac: string;
}

/** One API key, `name:secret`, and the tokens that were given for requests signed by it. */
export class Keys {
  readonly #key: string;
  readonly #tokens = new Map<string, Identity>();

  constructor(key: string) {
    this.#key = key;
  }

  /** Throws unless the request is signed by the key. */
  tokenFor(request: TokenRequest): object {
    const [name = '', secret = ''] = this.#key.split(':');
    const { keyName, ttl = '', capability = '', clientId = '', timestamp, nonce, mac } = request;
    const signed = `${[keyName, ttl, capability, clientId, timestamp, nonce].join('\n')}\n`;
    const expected = createHmac('sha256', secret).update(signed).digest('base64');
    const isSigned = mac.length === expected.length && timingSafeEqual(bytes(mac), bytes(expected));
    if (keyName !== name || !isSigned)
      throw new Error('the token request is not signed by the key');
    const token = `${name}.${randomUUID()}`;
    this.#tokens.set(token, { clientId: request.clientId });
    const issued = Date.now();
    const asked = { clientId: request.clientId, capability: capability || '{"*":["*"]}' };
    return { token, keyName, issued, expires: issued + 3_600_000, ...asked };
  }

  /** Undefined for a key or a token that is not known. */
  identityOf(credential: string): Identity | undefined {
    return credential === this.#key ? { clientId: undefined } : this.#tokens.get(credential);
  }
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
