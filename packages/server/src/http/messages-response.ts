import { isRecord, type Message } from '@holdfast/protocol';
import { type Filling, filled, frontOf, mayRefer } from '../files/filled.ts';
import { noStore } from './answers.ts';
import { streamOf } from './files.ts';

/** Messages of an answer, and what they are called in it. */
interface Listed {
  /** @default 'messages' */
  readonly name?: string;
  readonly messages: Iterable<Message> | AsyncIterable<Message>;
}

/** Characters that are written together. */
const together = 65_536;

/**
 * The JSON of messages and what stands beside them, with what the filling puts in the place of references, and with
 * long texts whole. All of that is read as fast as the answer is taken: a process holds one file, or one piece of a
 * text, at a time. Rejects with what goes wrong before something is written; behind that the answer is broken off.
 */
export async function messagesResponse(
  filling: Filling,
  listed: Listed,
  beside: object = {},
): Promise<Response> {
  const body = gathered(written(filling, listed, beside));
  const first = await body.next();
  return new Response(streamOf(behind(first, body)), {
    headers: { ...noStore, 'content-type': 'application/json' },
  });
}

async function* written(
  filling: Filling,
  { name = 'messages', messages }: Listed,
  beside: object,
): AsyncGenerator<string> {
  let before = `${opened(beside)}"${name}":[`;
  for await (const message of messages) {
    yield before;
    if (message.parts.some(isReferring)) yield* messageOf(filling, message);
    else yield JSON.stringify(message);
    before = ',';
  }
  yield before === ',' ? ']}' : `${before}]}`;
}

const isReferring = (part: unknown): part is object => isRecord(part) && mayRefer(part);

async function* messageOf(
  filling: Filling,
  { parts, ...message }: Message,
): AsyncGenerator<string> {
  let before = `${opened(message)}"parts":[`;
  for (const part of parts) {
    yield before;
    if (isReferring(part)) yield* partOf(filling, part);
    else yield JSON.stringify(part);
    before = ',';
  }
  yield ']}';
}

/** The JSON of an object up to where more members can follow. */
function opened(members: object): string {
  const text = JSON.stringify(members);
  return text === '{}' ? '{' : `${text.slice(0, -1)},`;
}

async function* partOf(filling: Filling, part: object): AsyncGenerator<string> {
  const pieces = frontOf(part);
  if (pieces.length === 0) {
    yield JSON.stringify(await filled(filling, part));
    return;
  }
  const { front: _, text, ...rest } = part as Readonly<Record<string, unknown>>;
  yield `${opened(await filled(filling, rest))}"text":"`;
  for (const piece of pieces) yield unquoted(await filling.texts.pieceJson(filling.session, piece));
  yield `${unquoted(JSON.stringify(text))}"}`;
}

const unquoted = (json: string): string => json.slice(1, -1);

async function* gathered(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  let text = '';
  for await (const each of texts) {
    text += each;
    if (text.length < together) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}

async function* behind(
  first: IteratorResult<Uint8Array>,
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (!first.done) yield first.value;
  yield* rest;
}
