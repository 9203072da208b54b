import { randomUUID } from 'node:crypto';
import type { EntryFrame } from '@holdfast/protocol';
import { percentile } from '../stats.ts';
import { ageOf, micros, tokenLength } from '../tokens.ts';
import type { Context } from './context.ts';

export interface AgentsPlan {
  /** How many write into one session at once: measured one after the other. */
  readonly agents: readonly number[];
  readonly perSecond: number;
  /** Chunks of each agent at the beginning that are not counted, and those that are. */
  readonly warm: number;
  readonly chunks: number;
}

export interface AgentsResult {
  readonly agents: number;
  readonly p50: number;
}

/** How late each chunk reaches one follower of a session in which several agents write, in ms. */
export async function measureAgents(context: Context, plan: AgentsPlan): Promise<AgentsResult[]> {
  const results: AgentsResult[] = [];
  for (const agents of plan.agents)
    results.push({ agents, p50: percentile(await agesOf(context, plan, agents), 0.5) });
  return results;
}

async function agesOf(
  { origin, openCrowd }: Context,
  { perSecond, warm, chunks }: AgentsPlan,
  agents: number,
): Promise<number[]> {
  if (!openCrowd) throw new Error('this side has no socket to follow a session');
  const id = randomUUID();
  const ages: number[] = [];
  const count = warm + chunks;
  const seen = new Map<string, number>();
  const done = Promise.withResolvers<void>();
  // A socket that fails while it joins is reported by its own `join`.
  done.promise.catch(() => {});
  let left = agents * count;

  function onEntry(_: number, frame: Buffer): void {
    const now = micros();
    const { d } = JSON.parse(String(frame)) as EntryFrame;
    if (d.k !== 'chunks') return;
    const text = d.c.map(({ delta }) => delta ?? '').join('');
    for (let from = 0; from < text.length; from += tokenLength) {
      const nth = (seen.get(d.run) ?? 0) + 1;
      seen.set(d.run, nth);
      if (nth > warm) ages.push(ageOf(text.slice(from, from + tokenLength), now) / 1_000);
      if (--left === 0) done.resolve();
    }
  }

  const crowd = openCrowd(origin, id, { onEntry, onFault: done.reject });
  try {
    await crowd.join(0);
    const schedule = { kind: 'paced', perSecond, count };
    const response = await fetch(`${origin}/agents`, {
      method: 'POST',
      body: JSON.stringify({ id, agents, schedule }),
    });
    if (!response.ok) throw new Error(`the agents did not start: ${await response.text()}`);
    await done.promise;
  } finally {
    crowd.close();
  }
  if ([...seen.values()].some((got) => got !== count)) throw new Error('chunks are missing');
  return ages;
}
