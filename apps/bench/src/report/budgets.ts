import { defaultLimits } from '@holdfast/protocol';
import type { Side } from '../sides.ts';
import type { CheckId, RowId, Samples } from './rows.ts';

export interface Budget {
  readonly side: Side;
  readonly text: string;
  readonly value: number;
  readonly limit: string;
  readonly met: boolean;
}

type Holds = (value: number) => boolean;

/** As it is printed, so that the word behind a number agrees with the number. */
const rounded = (value: number): number => Math.round(value * 100) / 100;
const atMost =
  (limit: number): Holds =>
  (value) =>
    value <= limit;
const atLeast =
  (limit: number): Holds =>
  (value) =>
    value >= limit;

const below =
  (limit: number): Holds =>
  (value) =>
    value < limit;

/** What Holdfast promises against the others in the same run. Without both numbers there is none. */
export function budgetsOf(samples: Samples): readonly Budget[] {
  const budgets: Budget[] = [];
  for (const side of ['holdfast-redis', 'holdfast-memory', 'holdfast-http'] as const) {
    const mine = (id: RowId | CheckId): number | null => samples.median(id, side);
    const add = (text: string, value: number | null, limit: string, holds: Holds): void => {
      if (value === null) return;
      budgets.push({ side, text, value: rounded(value), limit, met: holds(rounded(value)) });
    };
    const against = (
      other: Side,
      id: RowId,
      relate: (mine: number, theirs: number) => number,
    ): number | null => {
      const [own, theirs] = [mine(id), samples.median(id, other)];
      return own === null || theirs === null ? null : relate(own, theirs);
    };
    const minus = (a: number, b: number) => a - b;
    const times = (a: number, b: number) => a / b;

    const added = against('sse', 'latency-p50', minus);
    add('p50 per chunk, added to sse', added, '≤ 1 ms', atMost(1));
    // The other promises are about sockets.
    if (side === 'holdfast-http') continue;
    const first = against('sse', 'ttfc', minus);
    add('time to first chunk, added to sse', first, '≤ 3 ms', atMost(3));
    add('saturated, times sse', against('sse', 'saturated', times), '≥ 1', atLeast(1));
    const resumable = against('resumable-stream', 'saturated', times);
    add('saturated, times resumable-stream', resumable, '≥ 3', atLeast(3));
    const [bytes, text] = [mine('resume-20k-bytes'), mine('final-text-20k-bytes')];
    const share = bytes === null || text === null ? null : bytes / text;
    add('bytes of a resume into 20k chunks, times the text', share, '≤ 1.3', atMost(1.3));
    const longer = (part: 'ms' | 'bytes'): number | null => {
      const [long, short] = [mine(`join-2000-${part}`), mine(`join-20-${part}`)];
      return long === null || short === null ? null : long / short;
    };
    add('time of a join of 2,000 messages, times 20', longer('ms'), '≤ 1.2', atMost(1.2));
    add('bytes of a join of 2,000 messages, times 20', longer('bytes'), '≤ 1.2', atMost(1.2));
    const fanout = against('ws', 'fanout-1000', times);
    add('frames to 1,000 followers, times ws', fanout, '≥ 0.8', atLeast(0.8));
    add('lag of a second tab, p50', mine('second-tab-lag-p50'), '< 2 ms', below(2));
    add('from a stop to the signal of its agent, p50', mine('stop-p50'), '< 5 ms', below(5));
    const [one, ten] = [mine('agents-1-latency-p50'), mine('agents-10-latency-p50')];
    const crowded = one === null || ten === null ? null : ten / one;
    add('p50 per chunk of 10 agents in a session, times 1', crowded, '≤ 2', atMost(2));
    const lease = defaultLimits.leaseMs + 5_000;
    add('from kill -9 to lost', mine('lost-after-ms'), `≤ ${lease} ms`, atMost(lease));
    // An append is one command; leases and polls take one each per session every few seconds.
    add('Redis commands per batch', mine('commands-per-batch'), '≤ 1.05', atMost(1.05));
    add('batches per chunk, saturated', mine('batches-per-chunk'), '< 1', below(1));
  }
  return budgets;
}
