/** The target of a request line. A segment that cannot be read, or names another place, is null. */
export interface Target {
  /** The host that stands in the request line itself; null where only the header names one. */
  readonly authority: string | null;
  /** Decoded, without the empty ones. */
  readonly segments: readonly (string | null)[];
  /** With its question mark; empty when there is none. */
  readonly query: string;
}

const form = /^(?:https?:\/\/([^/?#]*))?(\/[^?#]*)?(\?[^#]*)?$/i;

/**
 * Reads the target of a request line as text. A `URL` would throw on some of them, take `//name` for
 * a host and drop what it takes for a fragment. Null for what is no path, such as `*`.
 */
export function targetOf(url: unknown): Target | null {
  if (typeof url !== 'string') return null;
  const [matched, authority = null, pathname = '', query = ''] = form.exec(url) ?? [];
  if (matched === undefined || (authority === null && pathname === '')) return null;
  return { authority, segments: segmentsOf(pathname), query };
}

/** The segments of a path, decoded: whatever the way it was written, one path has one list. */
export const segmentsOf = (pathname: string): (string | null)[] =>
  pathname.split('/').filter(Boolean).map(decoded);

// A slash or a control character in a name, and dots, would name one path here and another elsewhere.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const ambiguous = /[/\\\u0000-\u001f\u007f]|^\.\.?$/;

function decoded(segment: string): string | null {
  try {
    const name = decodeURIComponent(segment);
    return ambiguous.test(name) ? null : name;
  } catch {
    return null;
  }
}

/** The one way in which these segments are written: only what has to be is encoded. */
export const pathnameOf = (segments: readonly string[]): string =>
  `/${segments.map(encoded).join('/')}`;

const encoded = (segment: string): string =>
  encodeURIComponent(segment).replace(/%(?:24|26|2B|2C|3A|3B|3D|40)/g, decodeURIComponent);
