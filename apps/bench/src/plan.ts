import type { AgentsPlan } from './measure/agents.ts';
import type { FanoutPlan } from './measure/fanout.ts';
import type { IdleCommandsPlan } from './measure/idle-commands.ts';
import type { JoinPlan } from './measure/join.ts';
import type { LatencyPlan } from './measure/latency.ts';
import type { LongAnswerPlan } from './measure/long-answer.ts';
import type { ResumePlan } from './measure/resume.ts';
import type { RunsPlan } from './measure/runs.ts';
import type { SaturatedPlan } from './measure/saturated.ts';
import type { SecondTabPlan } from './measure/second-tab.ts';
import type { SendsPlan } from './measure/sends.ts';
import type { SteadyFanoutPlan } from './measure/steady-fanout.ts';
import type { StopPlan } from './measure/stop.ts';
import type { StormPlan } from './measure/storm.ts';
import type { TtfcPlan } from './measure/ttfc.ts';
import { type Side, sides } from './sides.ts';

/** A row's work, and how often it is repeated in a round, side after side. */
interface Repeated<Plan> {
  readonly repetitions: number;
  readonly plan: Plan;
}

export interface Plan {
  /** Those that run unless others are asked for. */
  readonly sides: readonly Side[];
  /** Each round starts new processes. */
  readonly rounds: number;
  readonly ttfc: Repeated<TtfcPlan>;
  /**
   * Load before `latency`, of which nothing is counted: a server that runs for days is measured, and not the compiling of
   * its code. 0 leaves it out.
   */
  readonly latencyWarmUpMs: number;
  readonly latency: Repeated<LatencyPlan>;
  readonly saturated: Repeated<SaturatedPlan>;
  readonly resume: Repeated<ResumePlan>;
  readonly longAnswer: Repeated<LongAnswerPlan>;
  readonly joins: Repeated<JoinPlan>;
  readonly fanout: Repeated<FanoutPlan>;
  readonly steadyFanout: Repeated<SteadyFanoutPlan>;
  readonly secondTab: Repeated<SecondTabPlan>;
  readonly stops: Repeated<StopPlan>;
  readonly agents: Repeated<AgentsPlan>;
  readonly sends: Repeated<SendsPlan>;
  readonly runs: Repeated<readonly RunsPlan[]>;
  readonly storm: Repeated<StormPlan>;
  readonly idleCommands: Repeated<IdleCommandsPlan>;
  /** Of the row `lost-after-ms`, each of which takes as long as a lease. */
  readonly losses: number;
  /** Later than this no measurement is repeated, so that a busy machine does not take for ever. */
  readonly repeatUntilMs: number;
  /** Connections of the rows `idle-memory`; 0 leaves them out. */
  readonly idle: number;
}

/** 50 sessions of 100 chunks per second: what a busy server of a small application has. */
const load = { sessions: 50, perSecond: 100 };

/** One agent in a session, and ten, each of which writes as one does. */
const several = { agents: [1, 10], perSecond: 100 };

/** A session that fits into one page, and one that does not by far. */
const lengths = [20, 2_000];

/** To write a long one takes as long as half of a quick run. */
const noAnswer = { length: 0, warmups: 0, joins: 0 };

/** Ten runs at once in a session, and five hundred. */
const crowds = [10, 500].map((runs) => ({ runs, perSecond: 20, chunks: 10 }));

/** A rest, so that what the opening of so many left behind is over. */
const idleSessions = { sessions: 10_000, perSocket: 100, settleMs: 20_000 };

export const plans: { readonly [Size in 'full' | 'quick' | 'gate' | 'tiny']: Plan } = {
  full: {
    sides,
    rounds: 5,
    ttfc: { repetitions: 2, plan: { warmups: 150, sends: 30 } },
    latencyWarmUpMs: 4_000,
    latency: { repetitions: 2, plan: { ...load, warmMs: 2_000, ms: 4_000 } },
    saturated: { repetitions: 2, plan: { sessions: 4, ms: 2_000 } },
    resume: { repetitions: 1, plan: { chunks: 100_000, joins: 3 } },
    longAnswer: { repetitions: 1, plan: { length: 100_000_000, warmups: 2, joins: 5 } },
    joins: { repetitions: 1, plan: { lengths, warmups: 10, joins: 20 } },
    fanout: { repetitions: 1, plan: { followers: 1_000, warm: 100, chunks: 400 } },
    steadyFanout: {
      repetitions: 1,
      plan: { followers: 1_000, perSecond: 50, warm: 100, chunks: 250 },
    },
    secondTab: { repetitions: 1, plan: { perSecond: 100, warm: 50, chunks: 300 } },
    stops: { repetitions: 1, plan: { warmups: 10, stops: 40 } },
    agents: { repetitions: 2, plan: { ...several, warm: 100, chunks: 300 } },
    sends: { repetitions: 1, plan: { lengths: [20, 20_000], warmups: 5, sends: 20 } },
    runs: { repetitions: 1, plan: crowds },
    storm: { repetitions: 1, plan: { sockets: 2_000, sessions: 200 } },
    idleCommands: { repetitions: 1, plan: { ...idleSessions, ms: 20_000 } },
    losses: 1,
    repeatUntilMs: 1_800_000,
    idle: 2_000,
  },
  quick: {
    sides: ['sse', 'sse-light', 'resumable-stream', 'ws', 'holdfast-redis', 'holdfast-memory'],
    rounds: 1,
    ttfc: { repetitions: 2, plan: { warmups: 8, sends: 12 } },
    latencyWarmUpMs: 0,
    // A server that was never under load runs code that is not compiled yet, which takes seconds.
    latency: { repetitions: 1, plan: { ...load, warmMs: 2_000, ms: 1_500 } },
    saturated: { repetitions: 2, plan: { sessions: 4, ms: 500 } },
    resume: { repetitions: 1, plan: { chunks: 100_000, joins: 2 } },
    longAnswer: { repetitions: 0, plan: noAnswer },
    joins: { repetitions: 1, plan: { lengths, warmups: 4, joins: 10 } },
    fanout: { repetitions: 1, plan: { followers: 1_000, warm: 50, chunks: 150 } },
    steadyFanout: {
      repetitions: 1,
      plan: { followers: 1_000, perSecond: 50, warm: 25, chunks: 50 },
    },
    secondTab: { repetitions: 1, plan: { perSecond: 100, warm: 20, chunks: 80 } },
    stops: { repetitions: 1, plan: { warmups: 5, stops: 20 } },
    agents: { repetitions: 1, plan: { ...several, warm: 50, chunks: 100 } },
    sends: { repetitions: 1, plan: { lengths: [20, 20_000], warmups: 2, sends: 4 } },
    runs: { repetitions: 1, plan: crowds },
    storm: { repetitions: 1, plan: { sockets: 2_000, sessions: 200 } },
    // What needs a minute by itself is left to the whole run.
    idleCommands: { repetitions: 0, plan: { ...idleSessions, ms: 0 } },
    losses: 0,
    repeatUntilMs: 27_000,
    idle: 300,
  },
  /** The rows that a gate compares, each often enough to tell its noise. */
  gate: {
    sides: ['sse', 'ws', 'holdfast-redis', 'holdfast-memory'],
    rounds: 1,
    ttfc: { repetitions: 0, plan: { warmups: 0, sends: 0 } },
    latencyWarmUpMs: 0,
    latency: { repetitions: 3, plan: { ...load, warmMs: 1_000, ms: 500 } },
    saturated: { repetitions: 0, plan: { sessions: 4, ms: 0 } },
    resume: { repetitions: 1, plan: { chunks: 100_000, joins: 1 } },
    longAnswer: { repetitions: 0, plan: noAnswer },
    joins: { repetitions: 1, plan: { lengths, warmups: 1, joins: 2 } },
    fanout: { repetitions: 0, plan: { followers: 1_000, warm: 0, chunks: 0 } },
    steadyFanout: {
      repetitions: 3,
      plan: { followers: 1_000, perSecond: 50, warm: 5, chunks: 30 },
    },
    secondTab: { repetitions: 0, plan: { perSecond: 100, warm: 0, chunks: 0 } },
    stops: { repetitions: 0, plan: { warmups: 0, stops: 0 } },
    agents: { repetitions: 0, plan: { ...several, warm: 0, chunks: 0 } },
    sends: { repetitions: 0, plan: { lengths, warmups: 0, sends: 0 } },
    runs: { repetitions: 1, plan: crowds },
    storm: { repetitions: 1, plan: { sockets: 2_000, sessions: 200 } },
    idleCommands: { repetitions: 0, plan: { ...idleSessions, ms: 0 } },
    losses: 0,
    repeatUntilMs: 240_000,
    idle: 0,
  },
  /** Goes through everything and measures nothing of worth: for the tests. */
  tiny: {
    sides,
    rounds: 1,
    ttfc: { repetitions: 1, plan: { warmups: 0, sends: 1 } },
    latencyWarmUpMs: 20,
    latency: { repetitions: 1, plan: { sessions: 3, perSecond: 100, warmMs: 50, ms: 200 } },
    saturated: { repetitions: 1, plan: { sessions: 2, ms: 50 } },
    resume: { repetitions: 1, plan: { chunks: 20_000, joins: 1 } },
    longAnswer: { repetitions: 1, plan: { length: 3_000_000, warmups: 0, joins: 1 } },
    joins: { repetitions: 1, plan: { lengths, warmups: 0, joins: 1 } },
    fanout: { repetitions: 1, plan: { followers: 20, warm: 2, chunks: 20 } },
    steadyFanout: { repetitions: 1, plan: { followers: 20, perSecond: 100, warm: 2, chunks: 20 } },
    secondTab: { repetitions: 1, plan: { perSecond: 100, warm: 10, chunks: 10 } },
    stops: { repetitions: 1, plan: { warmups: 0, stops: 1 } },
    agents: { repetitions: 1, plan: { ...several, warm: 5, chunks: 10 } },
    sends: { repetitions: 1, plan: { lengths: [20, 40], warmups: 0, sends: 1 } },
    runs: { repetitions: 1, plan: [10, 20].map((runs) => ({ runs, perSecond: 20, chunks: 2 })) },
    storm: { repetitions: 1, plan: { sockets: 20, sessions: 2 } },
    idleCommands: {
      repetitions: 1,
      plan: { sessions: 100, perSocket: 50, settleMs: 0, ms: 500 },
    },
    losses: 1,
    repeatUntilMs: 0,
    idle: 20,
  },
};
