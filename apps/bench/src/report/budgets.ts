import { defaultLimits } from '@holdfast/protocol';
import type { Side } from '../sides.ts';
import type { AnyId, RowId, Samples } from './rows.ts';

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

type Relation = (mine: number, theirs: number) => number;

const minus: Relation = (mine, theirs) => mine - theirs;
const times: Relation = (mine, theirs) => mine / theirs;

/** What of a side is asked for, and what is noted of it. */
interface Look {
  readonly of: (id: AnyId) => number | null;
  /** The same row of another side. */
  readonly against: (other: Side, id: RowId, relate: Relation) => number | null;
  /** Two rows of this side. */
  readonly ratio: (id: AnyId, to: AnyId) => number | null;
  readonly add: (text: string, value: number | null, limit: string, holds: Holds) => void;
}

/** What Holdfast promises against the others in the same run. Without both numbers there is none. */
export function budgetsOf(samples: Samples): readonly Budget[] {
  const budgets: Budget[] = [];
  for (const side of [
    'holdfast-redis',
    'holdfast-gathered',
    'holdfast-memory',
    'holdfast-http',
  ] as const) {
    const of = (id: AnyId): number | null => samples.median(id, side);
    const relation = (own: number | null, theirs: number | null, relate: Relation) =>
      own === null || theirs === null ? null : relate(own, theirs);
    const look: Look = {
      of,
      against: (other, id, relate) => relation(of(id), samples.median(id, other), relate),
      ratio: (id, to) => relation(of(id), of(to), times),
      add: (text, value, limit, holds) => {
        if (value === null) return;
        budgets.push({ side, text, value: rounded(value), limit, met: holds(rounded(value)) });
      },
    };
    if (side === 'holdfast-http') {
      const added = look.against('sse-light', 'latency-p50', minus);
      look.add('p50 per chunk, added to sse-light', added, '≤ 0.5 ms', atMost(0.5));
      continue;
    }
    if (side === 'holdfast-gathered') {
      const cpu = look.against('sse', 'cpu-per-chunk', times);
      look.add('CPU per chunk with Redis, times sse', cpu, '≤ 2', atMost(2));
      continue;
    }
    ofChunks(look, side === 'holdfast-memory');
    if (side === 'holdfast-redis') ofDurability(samples, look);
    ofResumes(look);
    ofCrowds(look);
    ofSessions(look);
  }
  return budgets;
}

function ofChunks({ against, of, add }: Look, isMemory: boolean): void {
  const added = against('sse-light', 'latency-p50', minus);
  add('p50 per chunk, added to sse-light', added, '≤ 0.25 ms', atMost(0.25));
  const late = against('sse', 'latency-p99', times);
  add('p99 per chunk, times sse', late, '≤ 1.5', atMost(1.5));
  const first = against('sse', 'ttfc', minus);
  add('time to first chunk, added to sse', first, '≤ 1.5 ms', atMost(1.5));
  const cpu = against('sse', 'cpu-per-chunk', times);
  if (isMemory) add('CPU per chunk, times sse', cpu, '≤ 1', atMost(1));
  else add('CPU per chunk with Redis, times sse', cpu, '≤ 2', atMost(2));
  const flood = (other: Side): number | null => against(other, 'saturated', times);
  add('saturated, times sse-bare', flood('sse-bare'), '≥ 1.5', atLeast(1.5));
  add('saturated, times sse', flood('sse'), '≥ 1.5', atLeast(1.5));
  add('saturated, times resumable-stream', flood('resumable-stream'), '≥ 4', atLeast(4));
  add('saturated, times durable-streams', flood('durable-streams'), '≥ 3', atLeast(3));
  const mixed = against('sse', 'saturated-mixed', times);
  add('saturated, unjoinable chunks, times sse', mixed, '≥ 1', atLeast(1));
  // Appends of one turn are one command; leases and polls take one each per session every few seconds.
  add('Redis commands per batch', of('commands-per-batch'), '≤ 1.05', atMost(1.05));
  add('batches per chunk, saturated', of('batches-per-chunk'), '< 1', below(1));
}

function ofDurability(samples: Samples, { add }: Look): void {
  const of = (id: RowId, relate: Relation): number | null => {
    const [own, theirs] = [samples.median(id, 'holdfast-fsync'), samples.median(id, 'sse')];
    return own === null || theirs === null ? null : relate(own, theirs);
  };
  const added = of('latency-p50-fsync', minus);
  add('p50 per chunk that is on disk, added to sse', added, '≤ 2 ms', atMost(2));
  const flood = of('saturated', times);
  add('saturated, on disk, times sse', flood, '≥ 2', atLeast(2));
}

function ofResumes({ of, ratio, add }: Look): void {
  add('a resume into 100k chunks', of('resume-100k-ms'), '≤ 20 ms', atMost(20));
  const share = ratio('resume-100k-bytes', 'final-text-100k-bytes');
  add('bytes of a resume into 100k chunks, times the text', share, '≤ 1.1', atMost(1.1));
  const first = of('resume-100mb-first-ms');
  add('first word of a page that joins 100 MB', first, '< 50 ms', below(50));
  const ms = ratio('join-2000-ms', 'join-20-ms');
  add('time of a join of 2,000 messages, times 20', ms, '≤ 1.2', atMost(1.2));
  const bytes = ratio('join-2000-bytes', 'join-20-bytes');
  add('bytes of a join of 2,000 messages, times 20', bytes, '≤ 1.2', atMost(1.2));
  add('lag of a second tab, p50', of('second-tab-lag-p50'), '< 2 ms', below(2));
  add('from a stop to the signal of its agent, p50', of('stop-p50'), '< 5 ms', below(5));
}

function ofCrowds({ against, of, add }: Look): void {
  const frames = against('ws', 'fanout-1000', times);
  add('frames to 1,000 followers, times ws', frames, '≥ 0.8', atLeast(0.8));
  const late = against('ws', 'fanout-1000-p50', times);
  add('p50 to 1,000 followers at 50/s, times ws', late, '≤ 1.3', atMost(1.3));
  const cpu = against('ws', 'fanout-1000-cpu', times);
  add('CPU per delivery to 1,000 followers, times ws', cpu, '≤ 1.15', atMost(1.15));
  const idle = against('ws', 'idle-memory', times);
  add('memory of an idle connection, one session, times ws', idle, '≤ 1.6', atMost(1.6));
  const own = against('ws', 'idle-memory-own', times);
  add('memory of an idle connection, a session each, times ws', own, '≤ 2.5', atMost(2.5));
  add('scripts of a storm of 2,000 on 200', of('storm-reads'), '≤ 250', atMost(250));
  const polls = of('idle-commands-10k');
  add('commands per second of 10,000 idle sessions', polls, '≤ 50', atMost(50));
}

function ofSessions({ of, ratio, add }: Look): void {
  const sends = ratio('send-20000-ms', 'send-20-ms');
  add('a send against 20,000 messages, times 20', sends, '≤ 1.2', atMost(1.2));
  const runs = ratio('runs-500-cpu', 'runs-10-cpu');
  add('CPU per run of 500 at once, times 10', runs, '≤ 1.3', atMost(1.3));
  const crowded = ratio('agents-10-latency-p50', 'agents-1-latency-p50');
  add('p50 per chunk of 10 agents in a session, times 1', crowded, '≤ 2', atMost(2));
  const lease = defaultLimits.leaseMs + 5_000;
  add('from kill -9 to lost', of('lost-after-ms'), `≤ ${lease} ms`, atMost(lease));
}
