import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { createChatTransport } from '@holdfast/client';
import { sendArguments } from '../pages/page.ts';
import { numberedText, textOf, tokenLength } from '../tokens.ts';
import type { Context } from './context.ts';
import { bytesRead } from './wire.ts';

export interface LongAnswerPlan {
  /** How long the answer is at least, in UTF-16 units. */
  readonly length: number;
  /** Pages that are opened at its end, one after the other, and are not counted. */
  readonly warmups: number;
  readonly joins: number;
}

export interface LongAnswerResult {
  /** Of its session. */
  readonly id: string;
  readonly chunks: number;
}

export interface LongJoin {
  /** From the opening of a page to its first word. */
  readonly ms: number;
  /** What its connections read until it had the end of the text. */
  readonly bytes: number;
  /** By so much the client's process grew with it, in bytes. */
  readonly held: number;
}

/** Words of one chunk: 14 kB. */
const words = 2_048;
/** How often it is asked for the newest entry, and how long that has to stay for it to be the last one. */
const pauseMs = 250;
const restMs = 2_000;

/** An answer of very much text that nobody follows; resolves when all of it was written, and it goes on. */
export async function writeLongAnswer(
  { origin }: Context,
  { length }: LongAnswerPlan,
): Promise<LongAnswerResult> {
  const id = randomUUID();
  const chunks = Math.ceil(length / (words * tokenLength));
  const { messages, body } = sendArguments(id, { kind: 'burst', count: chunks, words });
  const send = { id, command: randomUUID(), trigger: 'submit-message', message: messages[0], body };
  await posted(`${origin}/api/chat`, send);
  let [top, since] = ['', performance.now()];
  while (performance.now() - since < restMs) {
    await wait(pauseMs);
    const now = await posted(`${origin}/top`, { id });
    if (now !== top) [top, since] = [now, performance.now()];
  }
  return { id, chunks };
}

/** Pages that are opened at the end of an answer, one after the other. */
export async function joinLongAnswer(
  { origin }: Context,
  { id, chunks, warmups, joins }: LongAnswerResult & LongAnswerPlan,
): Promise<LongJoin[]> {
  const results: LongJoin[] = [];
  for (let join = -warmups; join < joins; join++) {
    const before = resident();
    const { close, ...joined } = await openWatching(origin, id, chunks);
    if (join >= 0) results.push({ ...joined, held: resident() - before });
    close();
  }
  return results;
}

async function posted(url: string, content: object): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(content),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${text}`);
  return text;
}

/** A page as `useSession` has it: its session is watched, so that of a long text the end is enough. */
async function openWatching(origin: string, chatId: string, chunks: number) {
  const bytesBefore = bytesRead();
  const begun = performance.now();
  const transport = createChatTransport({ api: `${origin}/api/chat` });
  transport.hold(chatId);
  transport.session(chatId).watch(() => {});
  const stream = await transport.reconnectToStream({ chatId });
  if (!stream) throw new Error('the answer is not live');
  let ms = 0;
  let text = '';
  for await (const chunk of stream) {
    if (chunk.type !== 'text-delta') continue;
    ms ||= performance.now() - begun;
    text += chunk.delta;
    if (isEnd(text, chunks)) break;
  }
  return { ms, bytes: bytesRead() - bytesBefore, close: () => transport.close() };
}

/** True for the whole end of a text, from any of its chunks on. Throws where something is missing or damaged. */
function isEnd(text: string, chunks: number): boolean {
  const first = Number(text.slice(0, tokenLength));
  const size = words * tokenLength;
  const count = text.length / size;
  const end = first + count;
  for (let at = first; at < end; at++) {
    const start = (at - first) * size;
    const chunk = text.slice(start, start + size);
    if (chunk !== numberedText(at, words).slice(0, chunk.length))
      throw new Error('the text is damaged');
  }
  return end === chunks;
}

/** Bytes of the text alone. */
export const longTextBytes = (chunks: number): number =>
  chunks * (Buffer.byteLength(textOf(words - 1)) + tokenLength);

function resident(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}
