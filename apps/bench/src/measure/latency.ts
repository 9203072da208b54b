import { setTimeout as wait } from 'node:timers/promises';
import { percentile, sum } from '../stats.ts';
import { ageOf, micros, tokenLength } from '../tokens.ts';
import { type Context, newPage } from './context.ts';
import { follow } from './follow.ts';
import type { RedisUse } from './redis-use.ts';

export interface LatencyPlan {
  readonly sessions: number;
  readonly perSecond: number;
  /** What comes in the first `warmMs` is not counted. */
  readonly warmMs: number;
  readonly ms: number;
}

export interface LatencyResult {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly chunks: number;
  /** Of the whole answers, from the send to the end. */
  readonly use: RedisUse | null;
  /** Of a time in which nothing but chunks was written, and the chunks that came in it. */
  readonly steady: { readonly use: RedisUse; readonly chunks: number } | null;
}

/** Its multiples spread evenly, however many there are, and in no order. */
const goldenRatio = (Math.sqrt(5) - 1) / 2;

/** How late each chunk reaches the page, in ms, while many answers are under way. */
export async function measureLatency(context: Context, plan: LatencyPlan): Promise<LatencyResult> {
  const { sessions, perSecond, warmMs, ms } = plan;
  const interval = 1_000 / perSecond;
  const count = Math.ceil((1.5 * warmMs + ms) / interval);
  const pages = Array.from({ length: sessions }, () => newPage(context));
  await Promise.all(pages.map((page) => page.open()));

  const stopMeter = await context.meter?.start();
  const ages: number[] = [];
  const counts: number[] = new Array(sessions).fill(0);
  const warmAt = performance.now() + warmMs;
  const answers = pages.map(async (page, at) => {
    // Models do not begin together, nor speak in step.
    await wait(((at * goldenRatio) % 1) * (warmMs / 2));
    const stream = await page.send({ kind: 'paced', perSecond, count });
    await follow(stream, (text) => {
      const now = micros();
      const isWarm = performance.now() >= warmAt;
      for (let from = 0; from < text.length; from += tokenLength) {
        const age = ageOf(text.slice(from, from + tokenLength), now) / 1_000;
        if (isWarm) ages.push(age);
      }
      counts[at] = (counts[at] ?? 0) + text.length / tokenLength;
      return undefined;
    });
  });
  const all = Promise.all(answers);
  const steady = await Promise.race([measureSteady(), all.then(() => null)]);
  await all;
  const use = (await stopMeter?.()) ?? null;
  for (const page of pages) page.close();
  const wrong = counts.find((got) => got !== count);
  if (wrong !== undefined) throw new Error(`${wrong} of ${count} chunks arrived`);
  return {
    p50: percentile(ages, 0.5),
    p99: percentile(ages, 0.99),
    p999: percentile(ages, 0.999),
    chunks: sessions * count,
    use,
    steady,
  };

  async function measureSteady(): Promise<LatencyResult['steady']> {
    if (!context.meter) return null;
    await wait(warmMs);
    const stop = await context.meter.start();
    const before = sum(counts);
    await wait(ms * 0.8);
    const chunks = sum(counts) - before;
    return { use: await stop(), chunks };
  }
}
