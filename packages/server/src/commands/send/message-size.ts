import { type Author, isRecord, type Limits, type Message } from '@holdfast/protocol';
import { inWords, overLimit } from '../../over-limit.ts';

/** A part of a message, as its user knows it. */
interface Sized {
  readonly name: string;
  /** In the entry. */
  readonly bytes: number;
  /** Of what the user sent, as that was. */
  readonly size: number;
  /** Of that, as it stands in the entry: base64 has four bytes for three. */
  readonly written: number;
}

const base64 = /^data:[^,]*;base64,/i;

/** Names come from the user who is told of them, and go into one line. */
const shown = (name: string): string => name.replace(/[\p{C}\p{Z}]+/gu, ' ').slice(0, 80);

const written = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

function sizedOf(part: unknown): Sized {
  const bytes = written(part);
  const { type, filename, mediaType, url, text } = isRecord(part) ? part : {};
  if (type === 'text' && typeof text === 'string')
    return { name: 'the text', bytes, size: Buffer.byteLength(text), written: written(text) };
  if (type !== 'file')
    return { name: `the part ${shown(String(type))}`, bytes, size: bytes, written: bytes };
  const name =
    typeof filename === 'string' && filename !== ''
      ? `the file ${shown(filename)}`
      : `the file of the type ${shown(String(mediaType))}`;
  const prefix = typeof url === 'string' ? base64.exec(url)?.[0].length : undefined;
  if (typeof url !== 'string' || prefix === undefined)
    return { name, bytes, size: bytes, written: bytes };
  const data = url.length - prefix;
  const filled = url.endsWith('==') ? 2 : Number(url.endsWith('='));
  return { name, bytes, size: Math.floor(((data - filled) * 3) / 4), written: data };
}

/** Refuses a file, or another part, that is too large to be kept (HF-HTTP-12). Throws `too_large`. */
export function checkFileSizes(
  { parts }: Pick<Message, 'parts'>,
  { fileBytes }: Pick<Limits, 'fileBytes'>,
): void {
  for (const part of parts) {
    const { name, size } = sizedOf(part);
    // A text is no file, and met by the limit of an entry.
    if (size <= fileBytes || (isRecord(part) && part.type === 'text')) continue;
    throw overLimit(
      'fileBytes',
      'too_large',
      `unable to send: ${name} is ${inWords(size)}; the limit is ${inWords(fileBytes, 'down')}`,
    );
  }
}

/** A limit that leaves less than that for the largest part is met by all of them together. */
const leastRoom = 4_096;

/**
 * Refuses a message that no entry can hold (HF-HTTP-12) in its user's words: which part is how large, and how large
 * it may be. Throws `too_large`.
 */
export function checkMessageSize(
  message: Message,
  by: Author,
  { entryBytes }: Pick<Limits, 'entryBytes'>,
): void {
  const at = Number.MAX_SAFE_INTEGER;
  const bytes = Buffer.byteLength(JSON.stringify({ k: 'message', message, by, at }));
  if (bytes <= entryBytes) return;
  const sizes = message.parts.map(sizedOf);
  const largest = sizes.reduce<Sized | undefined>(
    (most, each) => (most && most.bytes >= each.bytes ? most : each),
    undefined,
  );
  const room = entryBytes - (bytes - (largest?.bytes ?? bytes));
  if (!largest || room < leastRoom)
    throw overLimit(
      'entryBytes',
      'too_large',
      `unable to send: the message is ${inWords(bytes)}, with its files as text; the limit is ${inWords(entryBytes, 'down')}. Send it in several messages`,
    );
  const besides = largest.bytes - largest.written;
  const most = (room - besides) * (largest.size / largest.written);
  const size = inWords(largest.size);
  const limit = inWords(most, 'down');
  throw overLimit(
    'entryBytes',
    'too_large',
    `unable to send: ${largest.name} is ${size}; the limit is ${limit}`,
  );
}
