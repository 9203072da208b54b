import { Redis } from 'ioredis';
import { startChild } from './ipc.ts';
import { abilities, isSide, type Side, sides } from './sides.ts';

export interface Runner {
  readonly side: Side;
  /** Calls the load client. */
  load<Result>(method: string, argument?: unknown): Promise<Result>;
  /** Resident memory of the server in bytes. */
  memory(): Promise<number>;
  /** Microseconds of the processors that the server has had, and Redis where the side has one. */
  cpu(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a side's server and its load client, each in a process of its own; `profile` is of the server. */
export async function startRunner(side: Side, redisUrl: string, profile?: string): Promise<Runner> {
  const env = { REDIS_URL: redisUrl };
  const server = await startChild('servers/main.ts', [side], { env, profile });
  const port = await server.call<number>('port');
  const client = await startChild('load/main.ts', [side, String(port)], { env });
  const redis = abilities[side].redis ? new Redis(redisUrl) : null;
  return {
    side,
    load: (method, argument) => client.call(method, argument),
    memory: () => server.call('memory'),
    cpu: async () => (await server.call<number>('cpu')) + (redis ? await cpuOf(redis) : 0),
    stop: async () => {
      redis?.disconnect();
      await client.stop();
      await server.stop();
    },
  };
}

/** All threads of Redis. */
async function cpuOf(redis: Redis): Promise<number> {
  const info = await redis.info('cpu');
  const seconds = (name: string): number =>
    Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1] ?? 0);
  return (seconds('used_cpu_user') + seconds('used_cpu_sys')) * 1e6;
}

export const parseSides = (names: readonly string[]): readonly Side[] => {
  for (const name of names)
    if (!isSide(name))
      throw new Error(`there is no side "${name}"; there are: ${sides.join(', ')}`);
  return sides.filter((side) => names.includes(side));
};
