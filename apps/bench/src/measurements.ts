import type { AgentsResult } from './measure/agents.ts';
import type { FanoutResult } from './measure/fanout.ts';
import type { Joined } from './measure/join.ts';
import type { LatencyResult } from './measure/latency.ts';
import {
  type LongAnswerPlan,
  type LongAnswerResult,
  type LongJoin,
  longTextBytes,
} from './measure/long-answer.ts';
import { type Join, textBytes } from './measure/resume.ts';
import type { SaturatedResult } from './measure/saturated.ts';
import type { Sent } from './measure/sends.ts';
import type { SteadyFanoutResult } from './measure/steady-fanout.ts';
import type { StormResult } from './measure/storm.ts';
import type { TtfcResult } from './measure/ttfc.ts';
import type { Plan } from './plan.ts';
import type { AnyId } from './report/rows.ts';
import type { Runner } from './runners.ts';
import type { Abilities } from './sides.ts';
import { median, percentile } from './stats.ts';

/** Notes values of the side that is being measured. */
type Add = (id: AnyId, ...values: readonly number[]) => void;

/** What is done for one or several rows, side after side. */
export interface Measurement {
  readonly name: string;
  readonly repetitions: number;
  /** Whether a side can do it; all can where it is not said. */
  readonly needs?: (side: Abilities) => boolean;
  readonly measure: (runner: Runner, add: Add) => Promise<void>;
}

/** All of a round but the memory of idle connections, which wants fresh servers. */
export const measurementsOf = (plan: Plan): readonly Measurement[] => [
  ...ofChunks(plan),
  ...ofPages(plan),
  ...ofSessions(plan),
  ofLongAnswer(plan.longAnswer),
];

const ofChunks = ({ ttfc, latencyWarmUpMs, latency, saturated }: Plan): readonly Measurement[] => [
  {
    name: 'time to first chunk',
    repetitions: ttfc.repetitions,
    needs: ({ chunksOnly }) => !chunksOnly,
    measure: async ({ load }, add) => {
      const { text, run } = await load<TtfcResult>('ttfc', ttfc.plan);
      add('ttfc', median(text));
      add('send-to-run-p50', median(run));
    },
  },
  {
    name: 'latency per chunk under load (warming up)',
    repetitions: latencyWarmUpMs > 0 ? 1 : 0,
    measure: async ({ load }) => {
      await load('latency', { ...latency.plan, warmMs: 0, ms: latencyWarmUpMs });
    },
  },
  {
    name: 'latency per chunk under load',
    repetitions: latency.repetitions,
    measure: async ({ side, load, cpu }, add) => {
      const before = await cpu();
      const result = await load<LatencyResult>('latency', latency.plan);
      add('cpu-per-chunk', ((await cpu()) - before) / result.chunks);
      addLatency(result, add);
      // A row of its own, which a budget has by its name.
      if (side === 'sse' || side === 'holdfast-fsync') add('latency-p50-fsync', result.p50);
    },
  },
  {
    name: 'saturated (warming up)',
    repetitions: Math.min(1, saturated.repetitions),
    measure: async ({ load }) => {
      await load('saturated', { ...saturated.plan, ms: saturated.plan.ms / 2 });
    },
  },
  {
    name: 'saturated',
    repetitions: saturated.repetitions,
    measure: async ({ load }, add) => {
      const { chunksPerSecond, chunks, use } = await load<SaturatedResult>(
        'saturated',
        saturated.plan,
      );
      add('saturated', chunksPerSecond);
      if (use && use.entries > 0) add('batches-per-chunk', use.entries / chunks);
    },
  },
  {
    name: 'saturated, of chunks that cannot be joined',
    repetitions: saturated.repetitions,
    needs: ({ chunksOnly }) => !chunksOnly,
    measure: async ({ load }, add) => {
      const plan = { ...saturated.plan, mixed: true };
      add('saturated-mixed', (await load<SaturatedResult>('saturated', plan)).chunksPerSecond);
    },
  },
];

const ofPages = ({ resume, secondTab, stops }: Plan): readonly Measurement[] => [
  {
    name: `resume into ${resume.plan.chunks.toLocaleString('en-US')} chunks`,
    repetitions: resume.repetitions,
    needs: ({ resumes }) => resumes,
    measure: async ({ load }, add) => {
      add('final-text-100k-bytes', textBytes(resume.plan.chunks));
      for (const { ms, frames, bytes } of await load<Join[]>('resume', resume.plan)) {
        add('resume-100k-ms', ms);
        add('resume-100k-frames', frames);
        add('resume-100k-bytes', bytes);
      }
    },
  },
  {
    name: 'a second tab',
    repetitions: secondTab.repetitions,
    needs: ({ resumes }) => resumes,
    measure: async ({ load }, add) => {
      add('second-tab-lag-p50', percentile(await load<number[]>('secondTab', secondTab.plan), 0.5));
    },
  },
  {
    name: 'stops',
    repetitions: stops.repetitions,
    needs: ({ keepsSessions }) => keepsSessions,
    measure: async ({ load }, add) => {
      add('stop-p50', median(await load<number[]>('stops', stops.plan)));
    },
  },
];

const ofSessions = (plan: Plan): readonly Measurement[] => {
  const { joins, fanout, steadyFanout, agents, sends, runs, storm, idleCommands, losses } = plan;
  const { followers } = fanout.plan;
  const sockets = (side: Abilities) => side.sockets;
  const sessions = (side: Abilities) => side.keepsSessions;
  const shared = (side: Abilities) => side.keepsSessions && side.redis;
  return [
    {
      name: 'joins of short and long sessions',
      repetitions: joins.repetitions,
      needs: sessions,
      measure: async ({ load }, add) => {
        for (const { length, ms, bytes } of await load<Joined[]>('joins', joins.plan)) {
          const row = length === 20 ? 'join-20' : 'join-2000';
          add(`${row}-ms`, ms);
          add(`${row}-bytes`, bytes);
        }
      },
    },
    {
      name: `one agent, ${followers} followers`,
      repetitions: fanout.repetitions,
      needs: sockets,
      measure: async ({ load }, add) => {
        const result = await load<FanoutResult>('fanout', fanout.plan);
        add('fanout-1000', result.framesPerSecond);
        add('fanout-frame-bytes', result.frameBytes);
      },
    },
    {
      name: `one agent at ${steadyFanout.plan.perSecond}/s, ${followers} followers`,
      repetitions: steadyFanout.repetitions,
      needs: sockets,
      measure: async ({ load, cpu }, add) => {
        await load('gather', steadyFanout.plan);
        const before = await cpu();
        const result = await load<SteadyFanoutResult>('steadyFanout', steadyFanout.plan);
        add('fanout-1000-cpu', ((await cpu()) - before) / result.deliveries);
        add('fanout-1000-p50', result.p50);
        add('fanout-1000-p99', result.p99);
      },
    },
    {
      name: 'several agents in a session',
      repetitions: agents.repetitions,
      needs: sessions,
      measure: async ({ load }, add) => {
        for (const { agents: count, p50 } of await load<AgentsResult[]>('agents', agents.plan))
          add(count === 1 ? 'agents-1-latency-p50' : 'agents-10-latency-p50', p50);
      },
    },
    {
      name: 'sends into short and long sessions',
      repetitions: sends.repetitions,
      needs: sessions,
      measure: async ({ load }, add) => {
        for (const { length, isOpen, ms } of await load<Sent[]>('sends', sends.plan)) {
          if (length === 20) add(isOpen ? 'send-20-ms' : 'send-20-left-ms', ms);
          else add(isOpen ? 'send-20000-ms' : 'send-20000-left-ms', ms);
        }
      },
    },
    {
      name: 'few and many runs at once in a session',
      repetitions: runs.repetitions,
      needs: sessions,
      measure: async ({ load, cpu }, add) => {
        for (const each of runs.plan) {
          const before = await cpu();
          await load('runs', each);
          const ms = ((await cpu()) - before) / 1_000;
          add(each.runs === 10 ? 'runs-10-cpu' : 'runs-500-cpu', ms / each.runs);
        }
      },
    },
    {
      name: `${storm.plan.sockets} sockets come back`,
      repetitions: storm.repetitions,
      needs: shared,
      measure: async ({ load }, add) => {
        const { reads, ms } = await load<StormResult>('storm', storm.plan);
        add('storm-reads', reads);
        add('storm-ms', ms);
      },
    },
    {
      name: 'followed sessions in which nothing happens',
      repetitions: idleCommands.repetitions,
      needs: shared,
      measure: async ({ load }, add) => {
        add('idle-commands-10k', await load<number>('idleCommands', idleCommands.plan));
      },
    },
    {
      name: 'a process that is killed',
      repetitions: losses,
      needs: shared,
      measure: async ({ load }, add) => add('lost-after-ms', await load<number>('lost')),
    },
  ];
};

const megabyte = 1e6;

const ofLongAnswer = ({ repetitions, plan }: Plan['longAnswer']): Measurement => ({
  name: `an answer of ${plan.length / megabyte} MB`,
  repetitions,
  needs: ({ keepsSessions }) => keepsSessions,
  measure: async ({ load, cpu, memory }, add) => {
    const before = await memory();
    const written = await load<LongAnswerResult>('longAnswer', plan);
    add('resume-100mb-server', ((await memory()) - before) / megabyte);
    add('final-text-100mb-bytes', longTextBytes(written.chunks));
    const used = await cpu();
    const asked: LongAnswerResult & LongAnswerPlan = { ...plan, ...written };
    for (const { ms, bytes, held } of await load<LongJoin[]>('longJoins', asked)) {
      add('resume-100mb-first-ms', ms);
      add('resume-100mb-bytes', bytes);
      add('resume-100mb-page', held / megabyte);
    }
    add('resume-100mb-cpu', ((await cpu()) - used) / 1_000 / (plan.warmups + plan.joins));
  },
});

function addLatency({ p50, p99, p999, chunks, use, steady }: LatencyResult, add: Add): void {
  add('latency-p50', p50);
  add('latency-p99', p99);
  add('latency-p999', p999);
  if (use) {
    add('redis-commands-per-chunk', use.commands / chunks);
    add('redis-bytes-per-chunk', use.bytes / chunks);
  }
  if (steady && steady.use.entries > 0)
    add('commands-per-batch', steady.use.commands / steady.use.entries);
}
