import { sum } from '../stats.ts';
import { checkWords, tokenLength } from '../tokens.ts';
import { type Context, newPage } from './context.ts';
import { follow } from './follow.ts';
import type { RedisUse } from './redis-use.ts';

export interface SaturatedPlan {
  readonly sessions: number;
  readonly ms: number;
  /** Whether chunks are such that no two neighbours can be joined. */
  readonly mixed?: boolean;
}

export interface SaturatedResult {
  readonly chunksPerSecond: number;
  readonly chunks: number;
  readonly use: RedisUse | null;
}

/** Chunks per second that reach the pages when agents write as fast as they are let. */
export async function measureSaturated(
  context: Context,
  { sessions, ms, mixed = false }: SaturatedPlan,
): Promise<SaturatedResult> {
  const pages = Array.from({ length: sessions }, () => newPage(context));
  await Promise.all(pages.map((page) => page.open()));
  const stopMeter = await context.meter?.start();
  let first = 0;
  let last = 0;
  const lengths = await Promise.all(
    pages.map(async (page) => {
      let length = 0;
      await follow(await page.send({ kind: 'flood', ms, mixed }), (text) => {
        checkWords(text, length);
        length += text.length;
        last = performance.now();
        first ||= last;
        return undefined;
      });
      return length;
    }),
  );
  const use = (await stopMeter?.()) ?? null;
  for (const page of pages) page.close();
  const chunks = sum(lengths) / tokenLength;
  return { chunksPerSecond: chunks / ((last - first) / 1_000), chunks, use };
}
