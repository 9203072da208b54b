import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';

/** Where numbers were measured. Names no host. */
export interface Machine {
  readonly processor: string;
  readonly processors: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly redis: string;
  /** Share of the processors that other programs had before the run began, 0 to 1. */
  readonly busy: number;
}

/** From this share on a run says that its spreads will be wide. */
export const quietBelow = 0.1;

export async function lookAtMachine(redisUrl: string): Promise<Machine> {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    processors: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    redis: await redisVersion(redisUrl),
    busy: await busyShare(),
  };
}

const looksForMs = 1_000;

/** The load average would tell of the minutes before; what counts is what runs now. */
async function busyShare(): Promise<number> {
  const before = times();
  await wait(looksForMs);
  const after = times();
  const all = after.all - before.all;
  return all === 0 ? 0 : Math.max(0, 1 - (after.idle - before.idle) / all);
}

function times(): { readonly idle: number; readonly all: number } {
  let [idle, all] = [0, 0];
  for (const { times } of cpus()) {
    idle += times.idle;
    all += times.idle + times.user + times.nice + times.sys + times.irq;
  }
  return { idle, all };
}

async function redisVersion(url: string): Promise<string> {
  const redis = new Redis(url);
  try {
    return /^redis_version:(.+?)\r?$/m.exec(await redis.info('server'))?.[1] ?? 'unknown';
  } finally {
    redis.disconnect();
  }
}
