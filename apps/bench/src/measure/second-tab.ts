import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { UIMessageChunk } from 'ai';
import type { Page } from '../pages/page.ts';
import { micros, tokenLength } from '../tokens.ts';
import { type Context, newPage } from './context.ts';
import { follow } from './follow.ts';

export interface SecondTabPlan {
  readonly perSecond: number;
  /** Chunks at the beginning, during which the second tab joins, that are not counted. */
  readonly warm: number;
  readonly chunks: number;
}

/** How much later one of two tabs has a chunk than the other, in ms; one of them has sent. */
export async function measureSecondTab(
  context: Context,
  { perSecond, warm, chunks }: SecondTabPlan,
): Promise<number[]> {
  const chatId = randomUUID();
  const [sender, watcher] = [newPage(context, chatId), newPage(context, chatId)];
  await Promise.all([sender.open(), watcher.open()]);
  const count = warm + chunks;
  const here: number[] = [];
  const there: number[] = [];
  const begun = Promise.withResolvers<void>();
  const own = follow(await sender.send({ kind: 'paced', perSecond, count }), (text) => {
    note(here, text);
    begun.resolve();
    return undefined;
  });
  await begun.promise;
  const stream = await openLive(watcher);
  await Promise.all([own, follow(stream, (text) => note(there, text))]);
  sender.close();
  watcher.close();
  if (here.length !== count || there.length !== count)
    throw new Error(`${here.length} and ${there.length} of ${count} chunks arrived`);
  return here.map((at, chunk) => Math.abs(at - (there[chunk] ?? 0)) / 1_000).slice(warm);
}

/**
 * The answer that has begun. A stock client learns of it only by asking; the socket of Holdfast's says
 * so, but not at the very moment at which the sender's does.
 */
async function openLive(page: Page): Promise<ReadableStream<UIMessageChunk>> {
  for (let tries = 0; tries < 20; tries++) {
    const stream = await page.open();
    if (stream) return stream;
    await wait(2);
  }
  throw new Error('the second tab found no answer');
}

function note(times: number[], text: string): undefined {
  const now = micros();
  for (let from = 0; from < text.length; from += tokenLength) times.push(now);
}
