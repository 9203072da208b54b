import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { checkWords, textOf, tokenLength } from '../tokens.ts';
import { type Context, newPage } from './context.ts';
import { follow } from './follow.ts';
import { bytesRead } from './wire.ts';

export interface ResumePlan {
  readonly chunks: number;
  readonly joins: number;
}

export interface Join {
  readonly ms: number;
  readonly frames: number;
  readonly bytes: number;
}

/** New pages that join an unfinished answer of many chunks, one after the other. */
export async function measureResume(
  context: Context,
  { chunks, joins }: ResumePlan,
): Promise<Join[]> {
  const chatId = randomUUID();
  const whole = chunks * tokenLength;
  const writer = newPage(context, chatId);
  await writer.open();
  let length = 0;
  await follow(await writer.send({ kind: 'burst', count: chunks }), (text) => {
    length += text.length;
    return length >= whole ? 'enough' : undefined;
  });
  const results: Join[] = [];
  for (let join = 0; join < joins; join++) {
    await wait(50);
    results.push(await measureJoin(context, chatId, whole));
  }
  writer.close();
  return results;
}

async function measureJoin(context: Context, chatId: string, whole: number): Promise<Join> {
  const bytesBefore = bytesRead();
  const begun = performance.now();
  const page = newPage(context, chatId);
  const stream = await page.open();
  if (!stream) throw new Error('the answer is not live');
  let length = 0;
  let chunks = 0;
  await follow(stream, (text) => {
    checkWords(text, length);
    length += text.length;
    chunks++;
    return length >= whole ? 'enough' : undefined;
  });
  const ms = performance.now() - begun;
  const bytes = bytesRead() - bytesBefore;
  const frames = page.frames ?? chunks;
  page.close();
  return { ms, frames, bytes };
}

/** Bytes of the text alone. */
export const textBytes = (chunks: number): number => Buffer.byteLength(textOf(chunks));
