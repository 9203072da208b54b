// A process of a schedule of faults, for `fork`: its role and its place (JSON).
import { createRedisLog } from '@holdfast/log/redis';
import { bullmqDispatch, bullmqWorker } from '../../src/bullmq/index.ts';
import { AwakeClock } from '../../src/gateway/awake-clock.ts';
import { type Agent, createHoldfast, type HoldfastOptions } from '../../src/index.ts';
import { startServer } from '../support/server.ts';
import { saidBy } from '../support/talk.ts';
import type { Place, Role, Told } from './actor.ts';

// Before anything is awaited: whoever started it may be gone by then.
process.on('disconnect', () => process.exit(0));

/** How often it looks whether it stood still. */
const awakeMs = 100;

const [role, json = '{}'] = process.argv.slice(2) as [Role, string];
const { redis, prefix, jobs, mode, onLost, gatherMs, limits } = JSON.parse(json) as Place;

const tell = (told: Told) => {
  // Who asked it to end may be gone.
  process.send?.(told, () => {});
};
const pause = (ms: number) =>
  new Promise((resolve) => (ms > 0 ? setTimeout(resolve, ms) : setImmediate(resolve)));

const awake = new AwakeClock(() => performance.now(), limits.leaseMs / 3);
setInterval(() => {
  if (awake.hasSlept()) tell({ kind: 'starved' });
}, awakeMs).unref();

let attempts = 0;
/** Counts, so that it can be told which of its words are missing, and how the last one looks. */
const agent: Agent = ({ messages, sessionId, runId, body, signal }) => {
  const name = `${process.pid}/${++attempts}`;
  tell({ kind: 'prompt', session: sessionId, run: runId, name, given: messages.map(saidBy) });
  const { words = 40, paceMs = 5 } = body as { readonly words?: number; readonly paceMs?: number };
  return (async function* () {
    yield { type: 'start' as const };
    yield { type: 'text-start' as const, id: 't' };
    yield { type: 'text-delta' as const, id: 't', delta: `${name}:` };
    for (let at = 0; at < words && !signal.aborted; at++) {
      await pause(paceMs);
      yield { type: 'text-delta' as const, id: 't', delta: ` ${at}` };
    }
    if (!signal.aborted) yield { type: 'text-delta' as const, id: 't', delta: ';' };
    yield { type: 'text-end' as const, id: 't' };
    yield { type: 'finish' as const };
  })();
};

const onError: HoldfastOptions['onError'] = (error) => {
  const { code, message } = error as { code?: string; message?: string };
  tell({ kind: 'fault', text: `${code ?? 'fault'}: ${message ?? String(error)}` });
};
const log = createRedisLog({ redis, prefix, onWarning: () => {} });
const options: HoldfastOptions = {
  log,
  onLost,
  gatherMs,
  limits,
  onError,
  whileBusy: ({ asked = 'queue' }) => asked,
};
const place = { connection: jobs, prefix: '{jobs}', onError };

async function serve(): Promise<() => Promise<void>> {
  const isRoute = role === 'route';
  const server = await startServer({
    ...options,
    agent: isRoute && mode === 'routes' ? agent : null,
    ...(mode === 'workers' ? { dispatch: bullmqDispatch(place) } : {}),
  });
  if (isRoute && mode === 'routes') server.holdfast.register(agent);
  tell({ kind: 'ready', origin: server.origin });
  return async () => {
    await server.holdfast.close();
    await server[Symbol.asyncDispose]();
  };
}

async function work(): Promise<() => Promise<void>> {
  const holdfast = createHoldfast(options);
  const worker = bullmqWorker(holdfast, { ...place, agent });
  await worker.ready();
  tell({ kind: 'ready', origin: '' });
  return async () => {
    await worker.close();
    await holdfast.close();
  };
}

const close = await (role === 'worker' ? work() : serve());
process.on('SIGTERM', () => {
  void close()
    .then(() => log.close())
    .then(() => process.exit(0));
});
