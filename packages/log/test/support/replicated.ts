import { RedisServer, type RedisServerOptions } from '@holdfast/testkit/redis-harness';
import { asked, caughtUp } from '@holdfast/testkit/redis-replicas';
import { onTestFinished } from 'vitest';
import type { Durability, SessionLog } from '../../src/index.ts';
import { createRedisLog } from '../../src/redis/index.ts';

/** A log at a URL that promises a durability, closed when the test ends. */
export function durableAt(url: string, durability?: Durability): SessionLog {
  const log = createRedisLog({ redis: url, prefix: 'p', durability });
  onTestFinished(() => log.close());
  return log;
}

/** A server of the test's own. */
export async function serverOf(options: RedisServerOptions = {}): Promise<RedisServer> {
  const server = await RedisServer.start(options);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

export interface Replicated {
  readonly master: RedisServer;
  readonly replicas: readonly [RedisServer, RedisServer];
  /** The master dies, and that replica takes its place. */
  promote(replica: RedisServer): Promise<void>;
}

/** A master with two replicas that are level with it. */
export async function replicated(options: RedisServerOptions = {}): Promise<Replicated> {
  const [master, one, other] = await Promise.all([
    serverOf(options),
    serverOf(options),
    serverOf(options),
  ]);
  for (const replica of [one, other]) {
    await asked(replica, ['REPLICAOF', '127.0.0.1', String(master.port)]);
    await caughtUp(replica, master);
  }
  return {
    master,
    replicas: [one, other],
    promote: async (replica) => {
      await master.kill();
      await asked(replica, ['REPLICAOF', 'NO', 'ONE']);
    },
  };
}

/** How often a server was given a command. */
export async function callsOf(server: RedisServer, command: string): Promise<number> {
  const stats = String(await asked(server, ['INFO', 'commandstats']));
  return Number(new RegExp(`^cmdstat_${command}:calls=(\\d+)`, 'm').exec(stats)?.[1] ?? 0);
}

/** True for a server that has WAITAOF, which came with Redis 7.2. */
export async function hasWaitAof(server: RedisServer): Promise<boolean> {
  return ((await asked(server, ['COMMAND', 'INFO', 'WAITAOF'])) as readonly unknown[])[0] !== null;
}
