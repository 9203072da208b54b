import {
  digestOfUrl,
  fileUrl,
  isRecord,
  isTextReference,
  isValueReference,
} from '@holdfast/protocol';
import { bytesOfDataUrl } from './data-url.ts';
import type { FileStore } from './file-store.ts';

type Members = Readonly<Record<string, unknown>>;

/** Sizes above which a member is kept as a file, in bytes. */
export interface Sizes {
  /** Of a data URL, and of what pages show: outputs, inputs, data. */
  readonly shown: number;
  /** Of any other member. */
  readonly other: number;
}

/** Bytes of JSON that a unit of a text takes at most, as `\u0000` does: short texts need not be written out to be measured. */
const longestUnit = 6;

/** `parts` are those of a message that has reached a run. */
const shownMembers: ReadonlySet<string> = new Set(['data', 'input', 'output', 'parts', 'rawInput']);

/** The SDK's reducer adds to these, compares them or merges them: a reference in their place would be lost. */
const ownMembers: ReadonlySet<string> = new Set([
  'approvalId',
  'delta',
  'filename',
  'id',
  'inputTextDelta',
  'mediaType',
  'messageId',
  'messageMetadata',
  'metadata',
  'text',
  'toolCallId',
  'toolName',
  'type',
]);

/** True for what could be a reference and is none: it has to become a file, whatever its size (HF-FILE-3). */
export function isAmbiguous(part: object): boolean {
  for (const name in part)
    if (isForged(name, (part as Members)[name]) && !ownMembers.has(name)) return true;
  return false;
}

/** Pieces of a text stand in front of it in messages, and nowhere else (HF-FOLD-5). */
const isForged = (name: string, value: unknown): boolean =>
  isValueReference(value) ||
  (name === 'front' && Array.isArray(value) && value.some(isTextReference));

/** False for what has nothing that {@link keepLarge} would look at, such as a delta: most chunks, which need not wait. */
export function mayHaveLarge(part: object, { shown, other }: Sizes): boolean {
  for (const name in part) {
    if (ownMembers.has(name)) continue;
    const value = (part as Members)[name];
    if (typeof value === 'object' && value !== null) return true;
    if (typeof value === 'string' && value.length * longestUnit > Math.min(shown, other))
      return true;
  }
  return false;
}

/**
 * A part or chunk with references in the place of what is large in it (HF-FILE-2, HF-FILE-3); itself where nothing
 * is. The files are kept when it resolves. Rejects as `FileStore.keep` does; repeating it is safe.
 */
export async function keepLarge<PART extends object>(
  files: FileStore,
  session: string,
  part: PART,
  sizes: Sizes,
): Promise<PART> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(part as Members)) {
    if (ownMembers.has(name)) continue;
    const reference =
      name === 'url'
        ? await keepUrl(files, session, value, sizes)
        : await keepMember(
            files,
            session,
            value,
            isForged(name, value) ? 0 : shownMembers.has(name) ? sizes.shown : sizes.other,
          );
    if (reference !== undefined) kept[name] = reference;
  }
  return Object.keys(kept).length === 0 ? part : { ...part, ...kept };
}

async function keepUrl(
  files: FileStore,
  session: string,
  url: unknown,
  { shown }: Sizes,
): Promise<string | undefined> {
  if (typeof url !== 'string' || url.length <= shown) return undefined;
  const data = bytesOfDataUrl(url);
  if (!data || data.bytes.byteLength === 0) return undefined;
  const { digest } = await files.keep(session, data.bytes, data.mediaType);
  return fileUrl(digest);
}

async function keepMember(
  files: FileStore,
  session: string,
  value: unknown,
  most: number,
): Promise<unknown> {
  const isText = typeof value === 'string';
  if (!isText && (typeof value !== 'object' || value === null)) return undefined;
  if (isText && value.length * longestUnit <= most) return undefined;
  const text = JSON.stringify(value);
  if (text === undefined) return undefined;
  if (Buffer.byteLength(text) <= most) return undefined;
  return await files.keepValue(session, text);
}

/** A message's parts, each as {@link keepLarge} gives it; the message itself where nothing is large. */
export async function keepLargeParts<MESSAGE extends { readonly parts: readonly unknown[] }>(
  files: FileStore,
  session: string,
  message: MESSAGE,
  sizes: Sizes,
): Promise<MESSAGE> {
  const parts: unknown[] = [];
  for (const part of message.parts)
    parts.push(isRecord(part) ? await keepLarge(files, session, part, sizes) : part);
  const isSame = parts.every((part, at) => part === message.parts[at]);
  return isSame ? message : { ...message, parts };
}

/** The digests of the files that a message's parts refer to. */
export const filesIn = ({ parts }: { readonly parts: readonly unknown[] }): string[] =>
  parts.flatMap((part) => (isRecord(part) ? (digestOfUrl(part.url) ?? []) : []));
