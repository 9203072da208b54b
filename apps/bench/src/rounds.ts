import { join } from 'node:path';
import type { IdlePlan } from './measure/idle.ts';
import { type Measurement, measurementsOf } from './measurements.ts';
import type { Plan } from './plan.ts';
import type { Samples } from './report/rows.ts';
import { type Runner, startRunner } from './runners.ts';
import { abilities, type Side } from './sides.ts';
import type { Stores } from './stores.ts';

export interface Work {
  readonly plan: Plan;
  readonly sides: readonly Side[];
  readonly stores: Stores;
  /** The folder for profiles of the servers; null for none. */
  readonly profiles: string | null;
  readonly samples: Samples;
  readonly log: (line: string) => void;
  readonly elapsedMs: () => number;
  /** Told of each measurement that failed; the others go on. */
  readonly onFailure: (message: string) => void;
}

/** Measures every row once for each repetition, side after side, in processes of this round. */
export async function runRound(work: Work): Promise<void> {
  await withRunners(work, work.profiles, async (runners) => {
    for (const measurement of measurementsOf(work.plan)) await repeat(work, measurement, runners);
  });
  checkFrames(work);
  if (work.plan.idle > 0) for (const together of [true, false]) await measureIdle(work, together);
}

async function repeat(
  work: Work,
  measurement: Measurement,
  runners: readonly Runner[],
): Promise<void> {
  const { name, repetitions, needs } = measurement;
  const able = runners.filter(({ side }) => needs?.(abilities[side]) ?? true);
  if (repetitions === 0 || able.length === 0) return;
  work.log(name);
  for (let repetition = 0; repetition < repetitions; repetition++) {
    if (repetition > 0 && work.elapsedMs() > work.plan.repeatUntilMs)
      return work.log('  not repeated: late');
    for (const runner of able) await attempt(work, measurement, runner);
  }
}

/**
 * One side after another, in fresh processes: a server that waits for a processor while connections open takes more room
 * for the same of them.
 */
async function measureIdle(work: Work, together: boolean): Promise<void> {
  const row = together ? 'idle-memory' : 'idle-memory-own';
  const name = `memory per idle connection, ${together ? 'all in one session' : 'a session each'}`;
  work.log(name);
  const count = work.plan.idle;
  const measurement: Measurement = {
    name,
    repetitions: 1,
    measure: async ({ load, memory }, add) => {
      // The first connections load code, and make the heap as large as opening as many takes; that is no connection's.
      await load('idle', { count, together } satisfies IdlePlan);
      const before = await memory();
      await load('idle', { count, together } satisfies IdlePlan);
      add(row, ((await memory()) - before) / count);
    },
  };
  const able = work.sides.filter((side) => !abilities[side].chunksOnly);
  await withRunners({ ...work, sides: able }, null, async (runners) => {
    for (const runner of runners) await attempt(work, measurement, runner);
  });
}

async function withRunners(
  { sides, stores }: Work,
  profiles: string | null,
  act: (runners: readonly Runner[]) => Promise<void>,
): Promise<void> {
  const runners: Runner[] = [];
  try {
    const start = async (side: Side): Promise<void> => {
      const profile = profiles === null ? undefined : join(profiles, `${side}.cpuprofile`);
      runners.push(await startRunner(side, stores.urlOf(side), profile));
    };
    await Promise.all(sides.map(start));
    // In the order of the table, whichever was up first.
    runners.sort((a, b) => sides.indexOf(a.side) - sides.indexOf(b.side));
    await act(runners);
  } finally {
    await Promise.all(runners.map((runner) => runner.stop()));
  }
}

async function attempt(
  { samples, onFailure }: Work,
  { name, measure }: Measurement,
  runner: Runner,
): Promise<void> {
  try {
    await measure(runner, (id, ...values) => samples.add(id, runner.side, ...values));
  } catch (error) {
    onFailure(`${name}, ${runner.side}: ${error instanceof Error ? error.message : error}`);
  }
}

/** Frames per second compare only where the frames are the same. */
function checkFrames({ samples, sides, onFailure }: Work): void {
  const sizes = sides.flatMap((side) => samples.median('fanout-frame-bytes', side) ?? []);
  if (Math.max(...sizes) > Math.min(...sizes) * 1.02)
    onFailure(`fan-out: the frames differ in size: ${sizes.map(Math.round).join(', ')} bytes`);
}
