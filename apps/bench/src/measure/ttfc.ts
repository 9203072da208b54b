import { setTimeout as wait } from 'node:timers/promises';
import { micros } from '../tokens.ts';
import { type Context, newPage } from './context.ts';
import { follow } from './follow.ts';

export interface TtfcPlan {
  readonly warmups: number;
  readonly sends: number;
}

/** Milliseconds from a send to the first text on the page, for pages that are open already. */
export async function measureTtfc(context: Context, plan: TtfcPlan): Promise<number[]> {
  const times: number[] = [];
  for (let send = -plan.warmups; send < plan.sends; send++) {
    const page = newPage(context);
    await page.open();
    // Nobody sends in the very moment that the page opens.
    await wait(5);
    const sent = micros();
    let first = 0;
    await follow(await page.send({ kind: 'paced', perSecond: 100, count: 1 }), () => {
      first ||= micros();
      return undefined;
    });
    page.close();
    if (send >= 0) times.push((first - sent) / 1_000);
  }
  return times;
}
