import { randomUUID } from 'node:crypto';
import { ageOf, micros } from '../tokens.ts';
import { type Context, newPage } from './context.ts';
import { follow } from './follow.ts';
import { seedSession } from './seed.ts';

export interface SendsPlan {
  /** Numbers of messages that the sessions have. */
  readonly lengths: readonly number[];
  readonly warmups: number;
  readonly sends: number;
}

export interface Sent {
  readonly length: number;
  /** Whether another page has the session open all the time. */
  readonly isOpen: boolean;
  readonly ms: number;
}

/** From sends to their first text, into long and short sessions by turns: that nobody has open, then that somebody has. */
export async function measureSends(
  context: Context,
  { lengths, warmups, sends }: SendsPlan,
): Promise<Sent[]> {
  const sessions = lengths.map((length) => ({ id: randomUUID(), length }));
  for (const { id, length } of sessions) await seedSession(context, id, length);
  const results: Sent[] = [];
  for (const isOpen of [false, true]) {
    const pages = isOpen ? sessions.map(({ id }) => newPage(context, id)) : [];
    for (const page of pages) await page.open();
    for (let send = -warmups; send < sends; send++)
      for (const { id, length } of sessions) {
        const ms = await sendOnce(context, id);
        if (send >= 0) results.push({ length, isOpen, ms });
      }
    for (const page of pages) page.close();
  }
  return results;
}

/** By a page of its own, which leaves behind its answer; in ms. */
async function sendOnce(context: Context, id: string): Promise<number> {
  const page = newPage(context, id);
  await page.open();
  const sent = micros();
  let ms = 0;
  await follow(await page.send({ kind: 'paced', perSecond: 100, count: 1 }), (token) => {
    const now = micros();
    ageOf(token, now);
    ms = (now - sent) / 1_000;
    return undefined;
  });
  page.close();
  return ms;
}
