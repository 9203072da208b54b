import { startChild } from './ipc.ts';
import { isSide, type Side, sides } from './sides.ts';

export interface Runner {
  readonly side: Side;
  /** Calls the load client. */
  load<Result>(method: string, argument?: unknown): Promise<Result>;
  /** Resident memory of the server in bytes. */
  memory(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a side's server and its load client, each in a process of its own. */
export async function startRunner(side: Side, redisUrl: string): Promise<Runner> {
  const env = { REDIS_URL: redisUrl };
  const server = await startChild('servers/main.ts', [side], env);
  const port = await server.call<number>('port');
  const client = await startChild('load/main.ts', [side, String(port)], env);
  return {
    side,
    load: (method, argument) => client.call(method, argument),
    memory: () => server.call('memory'),
    stop: async () => {
      await client.stop();
      await server.stop();
    },
  };
}

export const parseSides = (names: readonly string[]): readonly Side[] => {
  for (const name of names)
    if (!isSide(name))
      throw new Error(`there is no side "${name}"; there are: ${sides.join(', ')}`);
  return sides.filter((side) => names.length === 0 || names.includes(side));
};
