import { createServer, type Server } from 'node:http';
import { json } from 'node:stream/consumers';
import { createMemoryLog, type Durability } from '@holdfast/log';
import { createRedisLog } from '@holdfast/log/redis';
import { createHoldfast, type HoldfastOptions } from '@holdfast/server';
import { toNodeHandler } from '@holdfast/server/node';
import { historyOf } from '../history.ts';
import { answer, type Schedule, scheduleOf } from '../schedule.ts';
import { observeAppends } from './appends.ts';
import { createSignals } from './signals.ts';

interface AgentsRequest {
  readonly id: string;
  readonly agents: number;
  readonly schedule: Schedule;
}

/** What one side has otherwise than another. */
interface Settings extends Pick<HoldfastOptions, 'gatherMs'> {
  readonly durability?: Durability;
}

/** What every visitor of an application may take: here one participant is all of them. */
const oneForAll = {
  sendsPerMinute: 1e6,
  readsPerMinute: 1e6,
  sessionsPerHour: 1e6,
  participantConnections: 1e6,
  participantRuns: 1e6,
  sessionRuns: 1e6,
  // What follows ten thousand idle sessions takes a hundred sockets for it.
  subscriptions: 100,
  framesBurst: 1_000,
};

/** Holdfast as an application sets it up; without an address of Redis it keeps the log in memory. */
export async function serveHoldfast(
  redis: string | undefined,
  { durability, ...options }: Settings = {},
): Promise<Server> {
  const log = redis ? createRedisLog({ redis, durability }) : createMemoryLog();
  const appends = observeAppends(log);
  const signals = createSignals();
  const holdfast = createHoldfast({
    log,
    authorize: () => ({ id: 'user' }),
    ...options,
    // A session without followers is forgotten at once, so that whoever joins finds a cold gateway.
    // All rows but the joins have a follower from beginning to end.
    limits: { lingerMs: 0, ...oneForAll },
  });
  await holdfast.ready();
  const handle = toNodeHandler(holdfast, {
    agent: ({ body, sessionId, signal }) => {
      signals.add(sessionId, signal);
      return answer(scheduleOf(body), () => appends.next(sessionId));
    },
  });
  const server = createServer(async (request, response) => {
    if (request.url === '/seed') {
      const { id, count } = (await json(request)) as { id: string; count: number };
      response.end(await holdfast.session(id).seed(historyOf(count)));
    } else if (request.url === '/agents') {
      const { id, agents, schedule } = (await json(request)) as AgentsRequest;
      for (let at = 1; at <= agents; at++)
        void holdfast.session(id).run({ agent: `agent ${at}` }, () => answer(schedule));
      response.end();
    } else if (request.url === '/top') {
      const { id } = (await json(request)) as { id: string };
      response.end((await log.head(id))?.top);
    } else if (request.url === '/signal') {
      const { id } = (await json(request)) as { id: string };
      const fired = signals.fired(id);
      response.flushHeaders();
      response.end(String(await fired));
    } else if (!(await handle(request, response))) response.writeHead(404).end();
  });
  holdfast.attach(server);
  return server;
}
