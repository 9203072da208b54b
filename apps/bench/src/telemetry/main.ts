// What telemetry costs a server for each chunk: runs with and without it take turns in one process, so that whatever
// else the machine does falls on both. `npm run telemetry -- --pairs 80 --chunks 2000`, with
// `--redis redis://…` over Redis.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createMemoryLog } from '@holdfast/log';
import { createRedisLog } from '@holdfast/log/redis';
import { createHoldfast, type GatewaySocket, type Holdfast } from '@holdfast/server';
import { context, metrics, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  InMemorySpanExporter,
} from '@opentelemetry/sdk-trace-base';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '80' },
    chunks: { type: 'string', default: '2000' },
    redis: { type: 'string' },
  },
});
const pairs = Number(values.pairs);
const chunks = Number(values.chunks);

type Part = 'context' | 'metrics' | 'traces';

const cases: Readonly<Record<string, readonly Part[]>> = {
  metrics: ['metrics'],
  traces: ['traces'],
  'a context that follows promises': ['context'],
  all: ['context', 'metrics', 'traces'],
};

/** Here one participant is everybody. */
const limits = {
  sendsPerMinute: 1e6,
  readsPerMinute: 1e6,
  sessionsPerHour: 1e6,
  lingerMs: 0,
  framesBurst: 1e6,
};

/** Registers what an application would: metrics that are read each second, spans, a context that follows promises. */
function register(parts: readonly Part[]): () => Promise<void> {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1_000 });
  const meters = new MeterProvider({ readers: [reader] });
  const tracers = new BasicTracerProvider({
    spanProcessors: [new BatchSpanProcessor(new InMemorySpanExporter())],
  });
  if (parts.includes('context'))
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  if (parts.includes('traces')) trace.setGlobalTracerProvider(tracers);
  if (parts.includes('metrics')) metrics.setGlobalMeterProvider(meters);
  return async () => {
    for (const api of [metrics, trace, context]) api.disable();
    await Promise.all([meters.shutdown(), tracers.shutdown()]);
  };
}

/** A viewer whose network takes all at once, and who acknowledges what comes. Resolves once a run has ended. */
function view(holdfast: Holdfast, session: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let say: (text: string) => void = () => {};
  let leave = (): void => {};
  const socket: GatewaySocket = {
    protocol: 'holdfast.v1',
    bufferedAmount: 0,
    send: (given) => {
      const frames = typeof given === 'string' || ArrayBuffer.isView(given) ? [given] : given;
      for (const frame of frames as readonly (string | Uint8Array)[]) {
        const text = typeof frame === 'string' ? frame : Buffer.from(frame).toString('latin1');
        if (!text.startsWith('{"t":"entry"')) continue;
        const [, id] = /"i":"([^"]+)"/.exec(text) ?? [];
        say(JSON.stringify({ t: 'ack', s: session, i: id }));
        if (text.includes('"run-end"')) setImmediate(leave);
      }
    },
    close: (code, reason) => {
      throw new Error(`closed with ${code} ${reason}`);
    },
    onMessage: (listener) => {
      say = (text) => void setImmediate(listener, text);
    },
    onClose: (listener) => {
      leave = () => {
        listener();
        resolve();
      };
    },
  };
  holdfast.accept(socket, new Request('http://127.0.0.1/holdfast'));
  say(JSON.stringify({ t: 'hello', v: 1 }));
  say(JSON.stringify({ t: 'sub', r: 1, s: session }));
  return promise;
}

/** One chunk at a time, each an append of its own: what telling costs is dearest where nothing shares it. */
async function* words() {
  yield { type: 'start' } as const;
  yield { type: 'text-start', id: 't' } as const;
  for (let at = 0; at < chunks; at++) {
    yield { type: 'text-delta', id: 't', delta: `word ${at} ` } as const;
    for (let turns = 0; turns < 4; turns++) await nextTurn();
  }
  yield { type: 'text-end', id: 't' } as const;
}

let sessions = 0;

/** Processor time of a whole run for each of its chunks, in µs. */
async function costOf(holdfast: Holdfast): Promise<number> {
  const session = `s${++sessions}`;
  const ended = view(holdfast, session);
  globalThis.gc?.();
  const before = process.cpuUsage();
  await holdfast.session(session).run({ agent: 'agent' }, words);
  await ended;
  const { user, system } = process.cpuUsage(before);
  await holdfast.session(session).delete();
  return (user + system) / chunks;
}

const log = values.redis ? createRedisLog({ redis: values.redis }) : createMemoryLog();
const holdfast = createHoldfast({ log, authorize: () => ({ id: 'user' }), limits });
await holdfast.ready();

const sorted = (of: readonly number[]) => of.toSorted((a, b) => a - b);
/** What a run takes when little disturbs it: the tenth part of all took less. */
const undisturbed = (of: readonly number[]) => sorted(of)[Math.floor(of.length / 10)] ?? 0;

/** How much more a chunk takes with what `begin` registers. Which goes first takes turns as well. */
async function compare(name: string, begin: () => () => Promise<void>): Promise<void> {
  const costs: Record<'off' | 'on', number[]> = { off: [], on: [] };
  for (let pair = 0; pair < pairs; pair++)
    for (const way of pair % 2 === 0 ? (['off', 'on'] as const) : (['on', 'off'] as const)) {
      const end = way === 'on' ? begin() : null;
      costs[way].push(await costOf(holdfast));
      await end?.();
    }
  const [off, on] = [undisturbed(costs.off), undisturbed(costs.on)];
  const more = ((on / off - 1) * 100).toFixed(2);
  console.log(`${name}: ${off.toFixed(2)} and ${on.toFixed(2)} µs, ${more} %`);
}

for (let warm = 0; warm < 6; warm++) await costOf(holdfast);
await compare('nothing beside nothing', () => async () => {});
for (const [name, parts] of Object.entries(cases)) await compare(name, () => register(parts));
await holdfast.close({ runsMs: 0 });
