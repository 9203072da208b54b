import { digestOfUrl, HoldfastError, isRecord, type Message } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import { isPublicUrl } from './public-url.ts';

/** The parts that clients may write besides text and files. */
export interface AllowOptions {
  /** Kinds of data parts, such as `data-place`. @default none */
  readonly data?: readonly `data-${string}`[] | undefined;
}

type Part = Readonly<Record<string, unknown>>;

const maxParts = 256;
const mediaType = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}(\s*;.{0,255})?$/;
const dataUrl = /^data:([^,;]+)(?:;[^,;]+)*;base64,(?=.)/i;
/** Neither whitespace nor anything that a URL would have to write in another way. */
const base64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

const refuse = (reason: string): HoldfastError =>
  new HoldfastError('bad_request', `unable to send: ${reason}`);

/**
 * A message as clients may write it (HF-HTTP-16): text, files by a data URL or by `https` on a public host, and
 * data parts of the kinds that are named. Members of parts that it does not know are left out, such as
 * `providerMetadata`: they would reach the provider in the application's name. Throws `bad_request`, in words for
 * users, for other kinds of parts and for files that no model could be given. What the application's
 * `acceptMessage` takes the place of, and may call. Pure.
 */
export const allowMessage = <UI_MESSAGE extends UIMessage>(
  message: UI_MESSAGE,
  options: AllowOptions = {},
): UI_MESSAGE => allowParts(message, options, false);

/** The same for a message whose references the session has: `withFiles`. */
export function allowParts<UI_MESSAGE extends UIMessage>(
  message: UI_MESSAGE,
  { data = [] }: AllowOptions,
  withFiles: boolean,
): UI_MESSAGE {
  const { id, role, metadata, parts } = message as unknown as Message;
  if (parts.length === 0 || parts.length > maxParts)
    throw refuse(`a message has 1 to ${maxParts} parts`);
  const kinds: ReadonlySet<unknown> = new Set(data);
  return {
    id,
    role,
    ...(metadata === undefined ? {} : { metadata }),
    parts: parts.map((part) => allowPart(part, kinds, withFiles)),
  } as unknown as UI_MESSAGE;
}

function allowPart(part: unknown, kinds: ReadonlySet<unknown>, withFiles: boolean): Part {
  const { type, text, id, data, ...file } = isRecord(part) ? part : ({} as Part);
  if (type === 'text' && typeof text === 'string') return { type, text };
  if (type === 'file') return allowFile(file, withFiles);
  if (kinds.has(type))
    return { type, ...(typeof id === 'string' ? { id } : {}), data: data ?? null };
  throw refuse('clients may write text and files only, and data that the application names');
}

function allowFile({ url, mediaType: given, filename }: Part, withFiles: boolean): Part {
  if (typeof url !== 'string') throw refuse('a file has no address');
  if (filename !== undefined && typeof filename !== 'string')
    throw refuse('the name of a file is no text');
  const named = filename === undefined ? {} : { filename };
  const inUrl = url.slice(0, 5).toLowerCase() === 'data:' ? typeInData(url) : undefined;
  // Browsers do not know every kind of file: what they read such a one as stands in the URL.
  const known = given === '' || given === undefined ? inUrl : given;
  if (typeof known !== 'string' || !mediaType.test(known))
    throw refuse('the media type of a file is missing, or is none');
  const isKept = withFiles && digestOfUrl(url) !== null;
  if (inUrl === undefined && !isKept && !isPublicUrl(url))
    throw refuse('the address of a file must begin with https:// and name a public host');
  return { type: 'file', mediaType: known, ...named, url };
}

function typeInData(url: string): string {
  const [head, type] = dataUrl.exec(url) ?? [];
  if (head === undefined || type === undefined || !base64.test(url.slice(head.length)))
    throw refuse('a file is empty, or its data are not in base64');
  if (!mediaType.test(type)) throw refuse('the media type of a file is missing, or is none');
  return type;
}
