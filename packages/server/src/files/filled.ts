import { createHash } from 'node:crypto';
import {
  digestOfUrl,
  filePath,
  HoldfastError,
  isRecord,
  isTextReference,
  isValueReference,
  referencesIn,
  type TextReference,
  type ValueReference,
} from '@holdfast/protocol';
import { conflict } from '../conflict.ts';
import type { Environment } from '../environment.ts';
import { Forgetting } from '../forgetting.ts';
import { dataUrlOf } from './data-url.ts';
import type { FileStore } from './file-store.ts';

type Members = Readonly<Record<string, unknown>>;

/** Characters of the files that a process remembers, since an agent is given all of a session with each answer. */
const rememberedLength = 67_108_864;
/** How long one that nobody is given any more stays in memory, in ms: what was erased does not outlive it. */
const rememberedMs = 300_000;

/** Content of files as text: as data URLs, and as values. */
export class FileTexts {
  readonly #files: FileStore;
  readonly #environment: Pick<Environment, 'now' | 'after'>;
  readonly #most: number;
  /** The one that was read last stands at the end. */
  readonly #known = new Map<string, { readonly text: string; readonly at: number }>();
  readonly #forgetting: Forgetting;
  #length = 0;
  /** Sessions that were erased so far. */
  #erased = 0;

  /** Remembers `most` characters. */
  constructor(
    files: FileStore,
    environment: Pick<Environment, 'now' | 'after'>,
    most: number = rememberedLength,
  ) {
    this.#files = files;
    this.#environment = environment;
    this.#most = most;
    const forget = (name: string) => this.#drop(name);
    this.#forgetting = new Forgetting(this.#known, { environment, keptMs: rememberedMs, forget });
  }

  /** Characters that are remembered. */
  get length(): number {
    return this.#length;
  }

  /** Forgets what it remembers of a session that was erased. */
  forget(session: string): void {
    this.#erased++;
    for (const name of this.#known.keys()) if (name.split(' ')[1] === session) this.#drop(name);
  }

  /** A file as a data URL; null where it is gone. Rejects with `unavailable`, or `internal` where it was changed. */
  dataUrl(session: string, digest: string): Promise<string | null> {
    return this.#text(session, digest, 'url');
  }

  /** The value in whose place a reference stands; undefined where it is gone. Rejects as `dataUrl` does. */
  async value(session: string, digest: string): Promise<unknown> {
    const text = await this.#text(session, digest, 'value');
    return text === null ? undefined : (JSON.parse(text) as unknown);
  }

  /**
   * A piece of a long text; not remembered, since there may be more of them than a process should hold. Throws
   * `conflict` where it is gone, and otherwise as `dataUrl` does.
   */
  async piece(session: string, reference: ValueReference): Promise<string> {
    return JSON.parse(await this.pieceJson(session, reference)) as string;
  }

  /** The same as JSON has it. */
  async pieceJson(session: string, { $holdfast: digest }: ValueReference): Promise<string> {
    const text = await this.#read(session, digest, 'value');
    if (text === null) throw conflict('gone', 'read a text: the session was deleted');
    return text;
  }

  async #text(session: string, digest: string, as: 'url' | 'value'): Promise<string | null> {
    const name = `${as} ${session} ${digest}`;
    const known = this.#known.get(name)?.text;
    if (known !== undefined) {
      this.#remember(name, known);
      return known;
    }
    const erased = this.#erased;
    const text = await this.#read(session, digest, as);
    // What was erased while it was read is not to come back.
    if (text !== null && erased === this.#erased) this.#remember(name, text);
    return text;
  }

  async #read(session: string, digest: string, as: 'url' | 'value'): Promise<string | null> {
    const info = await this.#files.info(session, digest);
    if (!info) return null;
    const pieces: Uint8Array[] = [];
    for await (const piece of this.#files.read(session, info)) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    if (createHash('sha256').update(bytes).digest('base64url') !== digest)
      throw new HoldfastError('internal', 'unable to read a file: the store has changed it');
    const { mediaType } = info;
    return as === 'url' ? dataUrlOf({ mediaType, bytes }) : bytes.toString();
  }

  #remember(name: string, text: string): void {
    this.#drop(name);
    this.#known.set(name, { text, at: this.#environment.now() });
    this.#length += text.length;
    for (const oldest of this.#known.keys()) {
      if (this.#length <= this.#most) break;
      this.#drop(oldest);
    }
    this.#forgetting.begin();
  }

  #drop(name: string): void {
    this.#length -= this.#known.get(name)?.text.length ?? 0;
    this.#known.delete(name);
  }
}

/** How references are taken out. */
export interface Filling {
  readonly texts: FileTexts;
  readonly session: string;
  /** What a URL that refers to a file becomes; null where it stays. */
  readonly urlOf: (digest: string) => string | null | Promise<string | null>;
  /** False for a value that stays a reference. @default all are put in their places */
  readonly takes?: (reference: ValueReference) => boolean;
  /** What was read already, by its place; each is read once then, however often it is named. @default nothing is kept */
  readonly known?: Map<string, unknown>;
}

/**
 * The same for what is given together: a file that is named a hundred times is there once, and what is given holds no
 * more than the session has.
 */
export const readingOnce = (filling: Filling): Filling =>
  filling.known ? filling : { ...filling, known: new Map() };

async function once<T>({ known }: Filling, name: string, read: () => T | Promise<T>): Promise<T> {
  if (known?.has(name)) return known.get(name) as T;
  const found = await read();
  known?.set(name, found);
  return found;
}

/** With all data in their places, as code of the server gets them. */
export const wholeOf = (texts: FileTexts, session: string): Filling => ({
  texts,
  session,
  urlOf: (digest) => texts.dataUrl(session, digest),
});

/** With URLs below a route, which a page loads. */
export const shownAt = (
  { texts, session }: Pick<Filling, 'texts' | 'session'>,
  route: string,
  query?: string,
): Filling => ({
  texts,
  session,
  urlOf: (digest) => `${route.replace(/\/+$/, '')}${filePath(session, digest, query)}`,
});

/** Bytes of the values that one page of history has in their places. */
const valueBytes = 4_194_304;

/** The same for one page of history, whose values may be large together; a text is always whole. */
export function ofPage(filling: Filling): Filling {
  let left = valueBytes;
  const takes = (reference: ValueReference): boolean => {
    if (isTextReference(reference)) return true;
    const { bytes } = reference;
    if (!(bytes <= left)) return false;
    left -= bytes;
    return true;
  };
  return { ...filling, takes };
}

/** With all references as they are: who gets them puts values and URLs in their places. */
export const referring = ({ texts, session }: Pick<Filling, 'texts' | 'session'>): Filling => ({
  texts,
  session,
  urlOf: () => null,
  takes: () => false,
});

/** True for a part or chunk that may have some, without a look into what is in it. */
export function mayRefer(part: object): boolean {
  for (const name in part) {
    const value = (part as Members)[name];
    if (name === 'front' && frontOf(part).length > 0) return true;
    if (isValueReference(value) || (name === 'url' && digestOfUrl(value) !== null)) return true;
  }
  return false;
}

/**
 * A part or chunk without references: with the values, and with what `urlOf` makes of files. Itself where there are
 * none; one to what is gone stays. Rejects as `FileTexts` does.
 */
export async function filled<PART extends object>(filling: Filling, part: PART): Promise<PART> {
  const { url } = part as Members;
  const digest = digestOfUrl(url);
  const there: Record<string, unknown> = {};
  if (digest !== null)
    there.url = (await once(filling, `url ${digest}`, () => filling.urlOf(digest))) ?? url;
  for (const name of referencesIn(part)) {
    const reference = (part as Members)[name] as ValueReference;
    there[name] = isTextReference(reference)
      ? await filling.texts.piece(filling.session, reference)
      : await referred(filling, reference);
  }
  const shown = Object.keys(there).length === 0 ? part : { ...part, ...there };
  return await wholeText(filling, shown, frontOf(part));
}

/** A part with the pieces in front of its text; itself where there are none, or it may not have them. */
async function wholeText<PART extends object>(
  filling: Filling,
  part: PART,
  pieces: readonly TextReference[],
): Promise<PART> {
  if (pieces.length === 0 || pieces.some((piece) => filling.takes?.(piece) === false)) return part;
  const texts: string[] = [];
  for (const piece of pieces) texts.push(await filling.texts.piece(filling.session, piece));
  const { front: _, text, ...rest } = part as Members;
  return { ...rest, text: texts.join('') + String(text) } as unknown as PART;
}

/** The pieces in front of what a part has of its text (HF-FOLD-5). */
export function frontOf(part: object): readonly TextReference[] {
  const { front, text } = part as Members;
  return typeof text === 'string' && Array.isArray(front) ? front.filter(isTextReference) : [];
}

async function referred(filling: Filling, reference: ValueReference): Promise<unknown> {
  const { texts, session, takes } = filling;
  if (takes?.(reference) === false) return reference;
  const { $holdfast: digest } = reference;
  return (await once(filling, `value ${digest}`, () => texts.value(session, digest))) ?? reference;
}

async function filledParts(
  filling: Filling,
  parts: readonly unknown[],
): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  for (const part of parts) all.push(isRecord(part) ? await filled(filling, part) : part);
  return all.every((part, at) => part === parts[at]) ? parts : all;
}

/** A message without references; itself where it has none. Rejects as `FileTexts` does. */
export async function filledMessage<MESSAGE extends { readonly parts: readonly unknown[] }>(
  filling: Filling,
  message: MESSAGE,
): Promise<MESSAGE> {
  const parts = await filledParts(readingOnce(filling), message.parts);
  return parts === message.parts ? message : { ...message, parts };
}

/** The same of messages, one after another: what they hold may be large. */
export async function filledMessages<MESSAGE extends { readonly parts: readonly unknown[] }>(
  filling: Filling,
  messages: readonly MESSAGE[],
): Promise<readonly MESSAGE[]> {
  const own = readingOnce(filling);
  const all: MESSAGE[] = [];
  for (const message of messages) all.push(await filledMessage(own, message));
  return all;
}
