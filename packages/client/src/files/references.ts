// As the protocol's own functions have it (HF-FILE-2, HF-FILE-3), and not by them: what this chunk shared with the
// page would be a third piece, and every page would load it.

/** What stands in the place of a value. */
export interface ValueReference {
  readonly $holdfast: string;
  readonly bytes: number;
  /** Of a piece of a long text. */
  readonly sum?: number;
}

export const fileUrl = (digest: string): string => `holdfast:file/${digest}`;

/** The digest of the file that a `url` refers to. */
export const digestOfUrl = (url: unknown): string | undefined =>
  /^holdfast:file\/([\w-]{43})$/.exec(String(url))?.[1];

/** The path of a file behind the chat route; without a digest, of all. */
export const filePath = (session: string, digest = ''): string => `${session}/files/${digest}`;

/** The digest of the file that is loaded from a URL; `all` is the address behind which they are. */
export function digestInUrl(url: string, all: string): string | undefined {
  const [path = ''] = url.split(/[?#]/, 1);
  const [base = ''] = all.split('?', 1);
  return path.startsWith(base) ? /^[\w-]{43}$/.exec(path.slice(base.length))?.[0] : undefined;
}

/** What is no digest is none: it becomes a part of a path that this page asks for in its user's name. */
const isReference = (value: unknown): value is ValueReference =>
  typeof value === 'object' &&
  value !== null &&
  /^[\w-]{43}$/.test(String((value as Partial<ValueReference>).$holdfast));

/** The members of a part or chunk in whose place a reference stands; metadata of a message are the application's. */
export const referencesIn = (of: object): readonly (readonly [string, ValueReference])[] =>
  Object.entries(of).filter(
    (each): each is [string, ValueReference] =>
      each[0] !== 'messageMetadata' && isReference(each[1]),
  );
