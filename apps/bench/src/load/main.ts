// The load client of one side: `node load/main.ts <side> <port>`.
import { Redis } from 'ioredis';
import { crowdOf } from '../crowds/crowds.ts';
import { serveParent } from '../ipc.ts';
import { type AgentsPlan, measureAgents } from '../measure/agents.ts';
import type { Context } from '../measure/context.ts';
import { type FanoutPlan, measureFanout } from '../measure/fanout.ts';
import { type IdlePlan, openIdle } from '../measure/idle.ts';
import { type IdleCommandsPlan, measureIdleCommands } from '../measure/idle-commands.ts';
import { type JoinPlan, measureJoins } from '../measure/join.ts';
import { type LatencyPlan, measureLatency } from '../measure/latency.ts';
import {
  joinLongAnswer,
  type LongAnswerPlan,
  type LongAnswerResult,
  writeLongAnswer,
} from '../measure/long-answer.ts';
import { measureLost } from '../measure/lost.ts';
import { redisMeter } from '../measure/redis-use.ts';
import { measureResume, type ResumePlan } from '../measure/resume.ts';
import { type RunsPlan, runAtOnce } from '../measure/runs.ts';
import { measureSaturated, type SaturatedPlan } from '../measure/saturated.ts';
import { measureSecondTab, type SecondTabPlan } from '../measure/second-tab.ts';
import { measureSends, type SendsPlan } from '../measure/sends.ts';
import { createSteadyFanout, type SteadyFanoutPlan } from '../measure/steady-fanout.ts';
import { measureStops, type StopPlan } from '../measure/stop.ts';
import { measureStorm, type StormPlan } from '../measure/storm.ts';
import { measureTtfc, type TtfcPlan } from '../measure/ttfc.ts';
import { pagesOf } from '../pages/pages.ts';
import { abilities, isSide } from '../sides.ts';

const [side, port] = process.argv.slice(2);
if (!isSide(side)) throw new Error(`there is no side "${side}"`);
const { REDIS_URL } = process.env;
const context: Context = {
  origin: `http://127.0.0.1:${port}`,
  openPage: await pagesOf(side),
  openCrowd: await crowdOf(side),
  meter: abilities[side].redis && REDIS_URL ? redisMeter(new Redis(REDIS_URL)) : null,
};
const steady = createSteadyFanout(context);

serveParent({
  ttfc: (plan: TtfcPlan) => measureTtfc(context, plan),
  latency: (plan: LatencyPlan) => measureLatency(context, plan),
  saturated: (plan: SaturatedPlan) => measureSaturated(context, plan),
  resume: (plan: ResumePlan) => measureResume(context, plan),
  joins: (plan: JoinPlan) => measureJoins(context, plan),
  fanout: (plan: FanoutPlan) => measureFanout(context, plan),
  secondTab: (plan: SecondTabPlan) => measureSecondTab(context, plan),
  stops: (plan: StopPlan) => measureStops(context, plan),
  agents: (plan: AgentsPlan) => measureAgents(context, plan),
  lost: () => measureLost(context),
  gather: (plan: SteadyFanoutPlan) => steady.gather(plan),
  steadyFanout: (plan: SteadyFanoutPlan) => steady.run(plan),
  sends: (plan: SendsPlan) => measureSends(context, plan),
  runs: (plan: RunsPlan) => runAtOnce(context, plan),
  storm: (plan: StormPlan) => measureStorm(context, plan),
  longAnswer: (plan: LongAnswerPlan) => writeLongAnswer(context, plan),
  longJoins: (plan: LongAnswerResult & LongAnswerPlan) => joinLongAnswer(context, plan),
  idleCommands: (plan: IdleCommandsPlan) => measureIdleCommands(context, plan),
  /** The connections stay open until the process ends. */
  idle: (plan: IdlePlan) => openIdle(context, plan, abilities[side].needsAnswer),
});
