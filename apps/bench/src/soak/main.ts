// Sessions, clients and gateways in real processes, for as long as it is told: `npm run load`.
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { RedisServer } from '@holdfast/testkit/redis-harness';
import { randomFrom } from '@holdfast/testkit/seeded-random';
import { Redis } from 'ioredis';
import { type Child, killChildren, startChild } from '../ipc.ts';
import type { CrowdPlan } from './crowd.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { lineOf, sumOf, type Tally } from './tally.ts';

/** How long clients have to come back, and answers to end, when nothing is sent any more. */
const settleMs = 60_000;

async function run(options: Options): Promise<boolean> {
  const redis = await RedisServer.start();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      killChildren();
      void redis[Symbol.asyncDispose]().finally(() => process.exit(130));
    });
  const children: Child[] = [];
  const start = async (file: string, args: string[], env = {}): Promise<Child> => {
    const child = await startChild(file, args, { env });
    children.push(child);
    return child;
  };
  try {
    const gateways = await Promise.all(
      Array.from({ length: options.gateways }, () =>
        start('servers/main.ts', [options.gathered ? 'holdfast-gathered' : 'holdfast-redis'], {
          REDIS_URL: redis.url,
        }),
      ),
    );
    const crowds = await Promise.all(
      Array.from({ length: options.processes }, () => start('soak/crowd.ts', [])),
    );
    return await soak(options, gateways, crowds, redis.url);
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    await redis[Symbol.asyncDispose]();
  }
}

async function soak(
  options: Options,
  gateways: readonly Child[],
  crowds: readonly Child[],
  redisUrl: string,
): Promise<boolean> {
  const { sessions, clients, words, perSecond, seconds, churn, seed } = options;
  console.log(
    `${sessions} sessions of ${clients} clients, ${options.gateways} gateways; seed ${seed}`,
  );
  const ports = await Promise.all(gateways.map((gateway) => gateway.call<number>('port')));
  const origins = ports.map((port) => `http://127.0.0.1:${port}`);
  const ids = Array.from({ length: sessions }, () => randomUUID());
  const memoryBefore = await sum(gateways, 'memory');
  await Promise.all(
    crowds.map((crowd, at) =>
      crowd.call('open', {
        origins,
        sessions: ids.filter((_, place) => place % crowds.length === at),
        clients,
        perSecond,
        words,
        seed: seed + at,
      } satisfies CrowdPlan),
    ),
  );
  const look = async (): Promise<Tally> =>
    sumOf(await Promise.all(crowds.map((crowd) => crowd.call<Tally>('tally'))));
  const progress = progressOf(look);
  await progress.until(({ live }) => live === sessions * clients, settleMs);
  const perClient = ((await sum(gateways, 'memory')) - memoryBefore) / (sessions * clients);

  const cpuBefore = await sum(gateways, 'cpu');
  const redisBefore = await redisUse(redisUrl);
  await Promise.all(crowds.map((crowd) => crowd.call('begin')));
  const random = randomFrom(seed);
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end) {
    await wait(1_000);
    for (let each = 0; each < churn; each++)
      await crowds[Math.floor(random() * crowds.length)]?.call('disturb', 1);
    await progress.tell();
  }
  await Promise.all(crowds.map((crowd) => crowd.call('finish')));
  const tally = await progress.until(({ live }) => live === sessions * clients, settleMs);
  const redisAfter = await redisUse(redisUrl);
  const cpu = (await sum(gateways, 'cpu')) - cpuBefore;
  progress.end();

  const wordsWritten = tally.sends * words;
  console.log(`gateways: ${perClient.toFixed(0)} bytes a client that waits`);
  console.log(`gateways: ${(cpu / tally.words).toFixed(1)} µs a word that reached a client`);
  console.log(
    `Redis: ${((redisAfter.cpu - redisBefore.cpu) / wordsWritten).toFixed(1)} µs a word that was written, ${((redisAfter.bytes - redisBefore.bytes) / tally.sends).toFixed(0)} bytes a message and its answer`,
  );
  for (const reason of tally.wrong) console.error(`wrong: ${reason}`);
  if (tally.live < tally.clients) console.error(`${tally.clients - tally.live} did not come back`);
  const isWhole = tally.wrong.length === 0 && tally.live === tally.clients && tally.answers > 0;
  console.log(isWhole ? 'Every client saw every word once, in order.' : 'It failed; see above.');
  return isWhole;
}

const sum = async (children: readonly Child[], method: string): Promise<number> =>
  (await Promise.all(children.map((child) => child.call<number>(method)))).reduce(
    (total, each) => total + each,
    0,
  );

async function redisUse(url: string): Promise<{ readonly cpu: number; readonly bytes: number }> {
  const redis = new Redis(url);
  try {
    const info = `${await redis.info('cpu')}\n${await redis.info('memory')}`;
    const field = (name: string): number =>
      Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1] ?? 0);
    const cpu = (field('used_cpu_user') + field('used_cpu_sys')) * 1e6;
    return { cpu, bytes: field('used_memory') };
  } finally {
    redis.disconnect();
  }
}

/** A line that is written over on a terminal, and one every ten seconds elsewhere. */
function progressOf(look: () => Promise<Tally>) {
  const begun = performance.now();
  let last = { at: begun, words: 0 };
  let lines = 0;
  let line = '';
  const tell = async (): Promise<Tally> => {
    const tally = await look();
    const now = performance.now();
    const rate = ((tally.words - last.words) / Math.max(1, now - last.at)) * 1_000;
    last = { at: now, words: tally.words };
    line = lineOf((now - begun) / 1_000, tally, rate);
    if (process.stdout.isTTY) process.stdout.write(`\r${line}\u001b[K`);
    else if (lines++ % 10 === 0) console.log(line);
    return tally;
  };
  return {
    tell,
    until: async (holds: (tally: Tally) => boolean, limitMs: number): Promise<Tally> => {
      const limit = performance.now() + limitMs;
      for (;;) {
        const tally = await tell();
        if (holds(tally) || performance.now() > limit) return tally;
        await wait(200);
      }
    },
    /** Leaves the last line where it is, or says it where it was not its turn. */
    end: () => console.log(process.stdout.isTTY ? '' : line),
  };
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (!options) console.log(usage);
  else process.exitCode = (await run(options)) ? 0 : 1;
} catch (error) {
  console.error(error instanceof TypeError ? `${error.message}\n\n${usage}` : error);
  process.exitCode = 1;
}
process.exit();
