import { isRecord } from './json.ts';

/** Begins the URL of a reference to a file (HF-FILE-2). */
const scheme = 'holdfast:file/';
/** SHA-256 in base64url. */
const digestLength = 43;
const digestPattern = /^[A-Za-z0-9_-]{43}$/;

/** The reference to a file, which stands in the `url` of a part or chunk. */
export const fileUrl = (digest: string): string => scheme + digest;

/** True for the digest of a file: SHA-256 in base64url, 43 characters. */
export const isDigest = (value: unknown): value is string =>
  typeof value === 'string' && digestPattern.test(value);

/** The digest of the file that a `url` refers to; null for any other one. */
export const digestOfUrl = (url: unknown): string | null =>
  typeof url === 'string' && url.startsWith(scheme) && isDigest(url.slice(scheme.length))
    ? url.slice(scheme.length)
    : null;

/** The path of a file behind the chat route. `files` is the query that the server gave for it (HF-FILE-8). */
export const filePath = (session: string, digest: string, files = ''): string =>
  `/${session}/files/${digest}${files && `?${files}`}`;

/** The digest in a URL that ends as {@link filePath} does, whatever stands before and behind; null for any other one. */
export function digestInUrl(session: string, url: unknown): string | null {
  if (typeof url !== 'string') return null;
  const head = `/${session}/files/`;
  const path = url.split(/[?#]/, 1)[0] ?? '';
  const at = path.length - digestLength;
  const digest = path.slice(at);
  return path.slice(0, at).endsWith(head) && isDigest(digest) ? digest : null;
}

/** What stands in the place of a value that is kept as a file (HF-FILE-3). */
export interface ValueReference {
  /** Digest of the file, which is the value's JSON. */
  readonly $holdfast: string;
  /** Bytes of that. */
  readonly bytes: number;
}

/** True for what stands in the place of a value: no other object in such a place has the key `$holdfast`. */
export const isValueReference = (value: unknown): value is ValueReference =>
  isRecord(value) && '$holdfast' in value;

/** The names of the members of a chunk or part in whose place a reference stands: never in that of metadata. */
export const referencesIn = (chunk: object): string[] =>
  Object.keys(chunk).filter((name) => {
    const value = (chunk as Readonly<Record<string, unknown>>)[name];
    return name !== 'messageMetadata' && isValueReference(value) && isDigest(value.$holdfast);
  });
