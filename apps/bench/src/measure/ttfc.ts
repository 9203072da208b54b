import { setTimeout as wait } from 'node:timers/promises';
import { ageOf, micros } from '../tokens.ts';
import { type Context, newPage } from './context.ts';
import { follow } from './follow.ts';

export interface TtfcPlan {
  readonly warmups: number;
  readonly sends: number;
}

/** Milliseconds from sends. */
export interface TtfcResult {
  /** To the first text on the page. */
  readonly text: readonly number[];
  /** To the agent: it writes the time of its start. */
  readonly run: readonly number[];
}

/** How long sends take, from pages that are open already. */
export async function measureTtfc(context: Context, plan: TtfcPlan): Promise<TtfcResult> {
  const text: number[] = [];
  const run: number[] = [];
  for (let send = -plan.warmups; send < plan.sends; send++) {
    const page = newPage(context);
    await page.open();
    // Nobody sends in the very moment that the page opens.
    await wait(5);
    const sent = micros();
    let first = 0;
    let started = 0;
    await follow(await page.send({ kind: 'paced', perSecond: 100, count: 1 }), (token) => {
      first = micros();
      started = first - ageOf(token, first);
      return undefined;
    });
    page.close();
    if (send < 0) continue;
    text.push((first - sent) / 1_000);
    run.push((started - sent) / 1_000);
  }
  return { text, run };
}
