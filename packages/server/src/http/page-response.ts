import { randomUUID } from 'node:crypto';
import { isRecord, type Message, type TextReference } from '@holdfast/protocol';
import { type FileTexts, frontOf } from '../files/filled.ts';
import { json, noStore } from './answers.ts';
import { streamOf } from './files.ts';

/** What has a page's messages, and may have more. */
export interface MessagesOf {
  readonly messages: readonly Message[];
}

/** What no text can have, since nobody outside of this process knows it, as JSON writes it. */
const mark = `${randomUUID()} `;
const marks = new RegExp(`\\\\u0000${mark}(\\d+)\\\\u0000`);

/**
 * A page of history whose long texts are whole: pieces are read as fast as the answer is taken, and a process holds one
 * of them at a time. Where one is gone meanwhile the answer is broken off.
 */
export function pageResponse(texts: FileTexts, session: string, page: MessagesOf): Response {
  const pieces: TextReference[] = [];
  const marked = (part: unknown): unknown => {
    if (!isRecord(part) || frontOf(part).length === 0) return part;
    const { front: _front, text: end, ...rest } = part;
    const places = frontOf(part).map((piece) => `\u0000${mark}${pieces.push(piece) - 1}\u0000`);
    return { ...rest, text: places.join('') + String(end) };
  };
  const messages = page.messages.map((each) => ({ ...each, parts: each.parts.map(marked) }));
  if (pieces.length === 0) return json(page);
  const text = JSON.stringify({ ...page, messages });
  const read = (at: number) => texts.pieceJson(session, pieces[at] as TextReference);
  return new Response(streamOf(withPieces(text, read)), {
    headers: { ...noStore, 'content-type': 'application/json' },
  });
}

async function* withPieces(
  text: string,
  read: (at: number) => Promise<string>,
): AsyncGenerator<Uint8Array> {
  // Every second one is the number of a piece, which goes without its quotation marks.
  for (const [at, part] of text.split(marks).entries())
    yield Buffer.from(at % 2 === 0 ? part : (await read(Number(part))).slice(1, -1));
}
