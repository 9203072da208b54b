import type { AgentsPlan } from './measure/agents.ts';
import type { FanoutPlan } from './measure/fanout.ts';
import type { JoinPlan } from './measure/join.ts';
import type { LatencyPlan } from './measure/latency.ts';
import type { ResumePlan } from './measure/resume.ts';
import type { SaturatedPlan } from './measure/saturated.ts';
import type { SecondTabPlan } from './measure/second-tab.ts';
import type { StopPlan } from './measure/stop.ts';
import type { TtfcPlan } from './measure/ttfc.ts';

/** A row's work, and how often it is repeated in a round, side after side. */
interface Repeated<Plan> {
  readonly repetitions: number;
  readonly plan: Plan;
}

export interface Plan {
  /** Each round starts new processes. */
  readonly rounds: number;
  readonly ttfc: Repeated<TtfcPlan>;
  readonly latency: Repeated<LatencyPlan>;
  readonly saturated: Repeated<SaturatedPlan>;
  readonly resume: Repeated<ResumePlan>;
  readonly joins: Repeated<JoinPlan>;
  readonly fanout: Repeated<FanoutPlan>;
  readonly secondTab: Repeated<SecondTabPlan>;
  readonly stops: Repeated<StopPlan>;
  readonly agents: Repeated<AgentsPlan>;
  /** Of the row `lost-after-ms`, each of which takes as long as a lease. */
  readonly losses: number;
  /** Later than this no measurement is repeated, so that a busy machine does not take for ever. */
  readonly repeatUntilMs: number;
  /** Connections of the row `idle-memory`. */
  readonly idle: number;
}

/** 50 sessions of 100 chunks per second: what a busy server of a small application has. */
const load = { sessions: 50, perSecond: 100 };

/** One agent in a session, and ten, each of which writes as one does. */
const several = { agents: [1, 10], perSecond: 100 };

/** A session that fits into one page, and one that does not by far. */
const lengths = [20, 2_000];

export const plans: { readonly [Size in 'full' | 'quick' | 'tiny']: Plan } = {
  full: {
    rounds: 3,
    ttfc: { repetitions: 3, plan: { warmups: 20, sends: 30 } },
    latency: { repetitions: 2, plan: { ...load, warmMs: 2_000, ms: 4_000 } },
    saturated: { repetitions: 3, plan: { sessions: 4, ms: 2_000 } },
    resume: { repetitions: 2, plan: { chunks: 20_000, joins: 5 } },
    joins: { repetitions: 2, plan: { lengths, warmups: 10, joins: 20 } },
    fanout: { repetitions: 2, plan: { followers: 1_000, warm: 100, chunks: 400 } },
    secondTab: { repetitions: 2, plan: { perSecond: 100, warm: 50, chunks: 300 } },
    stops: { repetitions: 2, plan: { warmups: 10, stops: 40 } },
    agents: { repetitions: 3, plan: { ...several, warm: 100, chunks: 300 } },
    losses: 1,
    repeatUntilMs: 600_000,
    idle: 1_000,
  },
  quick: {
    rounds: 1,
    ttfc: { repetitions: 2, plan: { warmups: 8, sends: 12 } },
    // A server that was never under load runs code that is not compiled yet, which takes seconds.
    latency: { repetitions: 1, plan: { ...load, warmMs: 2_000, ms: 1_500 } },
    saturated: { repetitions: 2, plan: { sessions: 4, ms: 700 } },
    resume: { repetitions: 1, plan: { chunks: 20_000, joins: 5 } },
    joins: { repetitions: 1, plan: { lengths, warmups: 6, joins: 20 } },
    fanout: { repetitions: 3, plan: { followers: 1_000, warm: 50, chunks: 150 } },
    secondTab: { repetitions: 1, plan: { perSecond: 100, warm: 20, chunks: 80 } },
    stops: { repetitions: 1, plan: { warmups: 5, stops: 20 } },
    agents: { repetitions: 1, plan: { ...several, warm: 50, chunks: 100 } },
    losses: 1,
    repeatUntilMs: 27_000,
    idle: 300,
  },
  /** Goes through everything and measures nothing of worth: for the tests. */
  tiny: {
    rounds: 1,
    ttfc: { repetitions: 1, plan: { warmups: 0, sends: 1 } },
    latency: { repetitions: 1, plan: { sessions: 3, perSecond: 100, warmMs: 50, ms: 200 } },
    saturated: { repetitions: 1, plan: { sessions: 2, ms: 50 } },
    resume: { repetitions: 1, plan: { chunks: 20_000, joins: 1 } },
    joins: { repetitions: 1, plan: { lengths, warmups: 0, joins: 1 } },
    fanout: { repetitions: 1, plan: { followers: 20, warm: 2, chunks: 20 } },
    secondTab: { repetitions: 1, plan: { perSecond: 100, warm: 10, chunks: 10 } },
    stops: { repetitions: 1, plan: { warmups: 0, stops: 1 } },
    agents: { repetitions: 1, plan: { ...several, warm: 5, chunks: 10 } },
    losses: 1,
    repeatUntilMs: 0,
    idle: 20,
  },
};
