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
      // By part: a page that was sent a snapshot on its way has one of them behind the other.
      const lengths = new Map<string, number>();
      await follow(await page.send({ kind: 'flood', ms, mixed }), (text, part) => {
        const length = lengths.get(part) ?? 0;
        lengths.set(part, length + text.length);
        checkWords(text, length, mixed ? [...lengths.keys()].indexOf(part) : undefined);
        last = performance.now();
        first ||= last;
        return undefined;
      });
      return sum([...lengths.values()]);
    }),
  );
  const use = (await stopMeter?.()) ?? null;
  for (const page of pages) page.close();
  const chunks = sum(lengths) / tokenLength;
  return { chunksPerSecond: chunks / ((last - first) / 1_000), chunks, use };
}
