/** What a data URL says. */
export interface Data {
  readonly mediaType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The data in a URL; null for one that is none, or not of base64: what it is worth, the server says. */
export function dataOf(url: string): Data | null {
  const head = url.slice(0, url.indexOf(',') + 1);
  const [, mediaType] = /^data:([^;,]*)(?:;[^;,]+)*;base64,$/i.exec(head) ?? [];
  if (mediaType === undefined) return null;
  try {
    const text = atob(url.slice(head.length));
    const bytes = new Uint8Array(text.length);
    for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
    return { mediaType, bytes };
  } catch {
    return null;
  }
}

/** Pages without TLS have no such thing, and some hosts neither. */
const subtle = (): Pick<SubtleCrypto, 'digest'> | undefined =>
  (globalThis.crypto as Partial<Crypto> | undefined)?.subtle;

/** SHA-256 in base64url; undefined where it cannot be computed. */
export async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  const hash = await subtle()?.digest('SHA-256', bytes);
  if (!hash) return undefined;
  const text = btoa(String.fromCharCode(...new Uint8Array(hash)));
  return text.replaceAll('+', '-').replaceAll('/', '_').replace('=', '');
}

/** 32 bits (FNV-1a): tells two contents of the same part apart. */
export function fingerprintOf(text: string): string {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++)
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return (value >>> 0).toString(36);
}
