import type { AgentsResult } from './measure/agents.ts';
import type { FanoutResult } from './measure/fanout.ts';
import type { Joined } from './measure/join.ts';
import type { LatencyResult } from './measure/latency.ts';
import { type Join, textBytes } from './measure/resume.ts';
import type { SaturatedResult } from './measure/saturated.ts';
import type { TtfcResult } from './measure/ttfc.ts';
import type { Plan } from './plan.ts';
import type { Samples } from './report/rows.ts';
import { type Runner, startRunner } from './runners.ts';
import { canResume, hasSockets, keepsSessions, type Side, sharesSessions } from './sides.ts';
import { median, percentile } from './stats.ts';

export interface Work {
  readonly plan: Plan;
  readonly sides: readonly Side[];
  readonly redisUrl: string;
  readonly samples: Samples;
  readonly log: (line: string) => void;
  readonly elapsedMs: () => number;
  /** Told of each measurement that failed; the others go on. */
  readonly onFailure: (message: string) => void;
}

type Measure = (runner: Runner) => Promise<void>;

/** Measures every row once for each repetition, side after side, in processes of this round. */
export async function runRound(work: Work): Promise<void> {
  const { plan, samples, log } = work;
  log('starting a server and a load client per side');
  const runners = await startAll(work);
  const row = async (name: string, repetitions: number, measure: Measure): Promise<void> => {
    log(name);
    for (let repetition = 0; repetition < repetitions; repetition++) {
      if (repetition > 0 && work.elapsedMs() > plan.repeatUntilMs)
        return log('  not repeated: late');
      for (const runner of runners) await attempt(work, name, runner, measure);
    }
  };
  try {
    await row('time to first chunk', plan.ttfc.repetitions, async ({ side, load }) => {
      const { text, run } = await load<TtfcResult>('ttfc', plan.ttfc.plan);
      samples.add('ttfc', side, median(text));
      samples.add('send-to-run-p50', side, median(run));
    });
    await row('latency per chunk under load', plan.latency.repetitions, async ({ side, load }) => {
      addLatency(samples, side, await load<LatencyResult>('latency', plan.latency.plan));
    });
    const { plan: flood, repetitions: floods } = plan.saturated;
    await row('saturated (warming up)', 1, ({ load }) =>
      load('saturated', { ...flood, ms: flood.ms / 2 }),
    );
    await row('saturated', floods, async ({ side, load }) => {
      addSaturated(samples, side, await load<SaturatedResult>('saturated', flood));
    });
    const { plan: resume, repetitions: resumes } = plan.resume;
    await row('resume into 20,000 chunks', resumes, async ({ side, load }) => {
      samples.add('final-text-20k-bytes', side, textBytes(resume.chunks));
      if (canResume(side)) addResumes(samples, side, await load<Join[]>('resume', resume));
    });
    const { plan: joins, repetitions: joinings } = plan.joins;
    await row('joins of short and long sessions', joinings, async ({ side, load }) => {
      if (keepsSessions(side)) addJoins(samples, side, await load<Joined[]>('joins', joins));
    });
    const { plan: fanout, repetitions: fanouts } = plan.fanout;
    await row(`one agent, ${fanout.followers} followers`, fanouts, async ({ side, load }) => {
      if (!hasSockets(side)) return;
      const { framesPerSecond, frameBytes } = await load<FanoutResult>('fanout', fanout);
      samples.add('fanout-1000', side, framesPerSecond);
      samples.add('fanout-frame-bytes', side, frameBytes);
    });
    checkFrames(work);
    const { plan: tabs, repetitions: tabbings } = plan.secondTab;
    await row('a second tab', tabbings, async ({ side, load }) => {
      if (!canResume(side)) return;
      const lags = await load<number[]>('secondTab', tabs);
      samples.add('second-tab-lag-p50', side, percentile(lags, 0.5));
    });
    const { plan: stops, repetitions: stoppings } = plan.stops;
    await row('stops', stoppings, async ({ side, load }) => {
      if (keepsSessions(side))
        samples.add('stop-p50', side, median(await load<number[]>('stops', stops)));
    });
    const { plan: agents, repetitions: gatherings } = plan.agents;
    await row('several agents in a session', gatherings, async ({ side, load }) => {
      if (!keepsSessions(side)) return;
      for (const { agents: count, p50 } of await load<AgentsResult[]>('agents', agents))
        samples.add(count === 1 ? 'agents-1-latency-p50' : 'agents-10-latency-p50', side, p50);
    });
    await row('a process that is killed', plan.losses, async ({ side, load }) => {
      if (sharesSessions(side)) samples.add('lost-after-ms', side, await load<number>('lost'));
    });
  } finally {
    await Promise.all(runners.map((runner) => runner.stop()));
  }
  await measureIdle(work);
}

/** Memory is not disturbed by other processes, so all sides go at once; it wants fresh servers. */
async function measureIdle(work: Work): Promise<void> {
  const { plan, samples, log } = work;
  log('memory per idle connection');
  const runners = await startAll(work);
  const measure: Measure = async ({ side, load, memory }) => {
    // The first connections load code; what that takes is no connection's.
    await load('idle', Math.ceil(plan.idle / 10));
    const before = await memory();
    await load('idle', plan.idle);
    samples.add('idle-memory', side, ((await memory()) - before) / plan.idle);
  };
  try {
    await Promise.all(runners.map((runner) => attempt(work, 'idle memory', runner, measure)));
  } finally {
    await Promise.all(runners.map((runner) => runner.stop()));
  }
}

const startAll = ({ sides, redisUrl }: Work): Promise<Runner[]> =>
  Promise.all(sides.map((side) => startRunner(side, redisUrl)));

async function attempt(work: Work, name: string, runner: Runner, measure: Measure): Promise<void> {
  try {
    await measure(runner);
  } catch (error) {
    work.onFailure(`${name}, ${runner.side}: ${error instanceof Error ? error.message : error}`);
  }
}

function addLatency(samples: Samples, side: Side, result: LatencyResult): void {
  const { p50, p99, chunks, use, steady } = result;
  samples.add('latency-p50', side, p50);
  samples.add('latency-p99', side, p99);
  if (use) {
    samples.add('redis-commands-per-chunk', side, use.commands / chunks);
    samples.add('redis-bytes-per-chunk', side, use.bytes / chunks);
  }
  if (steady && steady.use.entries > 0)
    samples.add('commands-per-batch', side, steady.use.commands / steady.use.entries);
}

function addSaturated(samples: Samples, side: Side, result: SaturatedResult): void {
  const { chunksPerSecond, chunks, use } = result;
  samples.add('saturated', side, chunksPerSecond);
  if (use && use.entries > 0) samples.add('batches-per-chunk', side, use.entries / chunks);
}

/** Frames per second compare only where the frames are the same. */
function checkFrames({ samples, sides, onFailure }: Work): void {
  const sizes = sides.flatMap((side) => samples.median('fanout-frame-bytes', side) ?? []);
  if (Math.max(...sizes) > Math.min(...sizes) * 1.02)
    onFailure(`fan-out: the frames differ in size: ${sizes.map(Math.round).join(', ')} bytes`);
}

function addResumes(samples: Samples, side: Side, joins: readonly Join[]): void {
  for (const { ms, frames, bytes } of joins) {
    samples.add('resume-20k-ms', side, ms);
    samples.add('resume-20k-frames', side, frames);
    samples.add('resume-20k-bytes', side, bytes);
  }
}

function addJoins(samples: Samples, side: Side, joins: readonly Joined[]): void {
  for (const { length, ms, bytes } of joins) {
    const row = length === 20 ? 'join-20' : 'join-2000';
    samples.add(`${row}-ms`, side, ms);
    samples.add(`${row}-bytes`, side, bytes);
  }
}
