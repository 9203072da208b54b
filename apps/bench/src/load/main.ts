// The load client of one side: `node load/main.ts <side> <port>`.
import { Redis } from 'ioredis';
import { crowdOf } from '../crowds/crowds.ts';
import { serveParent } from '../ipc.ts';
import { type AgentsPlan, measureAgents } from '../measure/agents.ts';
import type { Context } from '../measure/context.ts';
import { type FanoutPlan, measureFanout } from '../measure/fanout.ts';
import { openIdle } from '../measure/idle.ts';
import { type JoinPlan, measureJoins } from '../measure/join.ts';
import { type LatencyPlan, measureLatency } from '../measure/latency.ts';
import { measureLost } from '../measure/lost.ts';
import { redisMeter } from '../measure/redis-use.ts';
import { measureResume, type ResumePlan } from '../measure/resume.ts';
import { measureSaturated, type SaturatedPlan } from '../measure/saturated.ts';
import { measureSecondTab, type SecondTabPlan } from '../measure/second-tab.ts';
import { measureStops, type StopPlan } from '../measure/stop.ts';
import { measureTtfc, type TtfcPlan } from '../measure/ttfc.ts';
import { pagesOf } from '../pages/pages.ts';
import { isSide, usesRedis } from '../sides.ts';

const [side, port] = process.argv.slice(2);
if (!isSide(side)) throw new Error(`there is no side "${side}"`);
const { REDIS_URL } = process.env;
const context: Context = {
  origin: `http://127.0.0.1:${port}`,
  openPage: await pagesOf(side),
  openCrowd: await crowdOf(side),
  meter: usesRedis(side) && REDIS_URL ? redisMeter(new Redis(REDIS_URL)) : null,
};
const needsAnswer = side === 'sse' || side === 'resumable-stream';

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
  /** The connections stay open until the process ends. */
  idle: async (count: number) => {
    await openIdle(context, count, needsAnswer);
  },
});
