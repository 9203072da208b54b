import { FaultProxy } from '@holdfast/testkit/fault-proxy';
import { RedisServer, type RedisServerOptions } from '@holdfast/testkit/redis-harness';
import { type Cluster, Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { createFeeds, type Feeds, type SessionLog } from '../../src/index.ts';
import { createRedisLog } from '../../src/redis/index.ts';
import type { Keys } from '../../src/redis/keys.ts';
import { redisUnderTest } from './redis-under-test.ts';

export interface RedisFixture {
  readonly server: RedisServer;
  readonly proxy: FaultProxy;
  /** Goes through the proxy; prefix and keys are its own. */
  readonly log: SessionLog;
  readonly keys: Keys;
  /** Another log of the same sessions, past the proxy. */
  another(): SessionLog;
  /** Goes past the proxy. */
  readonly admin: Redis;
  readonly snapshot: (session: string) => Promise<() => Promise<void>>;
  feeds(): Feeds;
}

/** A Redis of the test's own, and a log on it behind a proxy that can fail. */
export async function redisFixture(options: RedisServerOptions = {}): Promise<RedisFixture> {
  const server = await RedisServer.start(options);
  const proxy = await FaultProxy.start({ port: server.port });
  const admin = new Redis(server.url, { retryStrategy: () => 20 });
  // It is there before and after a crash of the server; in between its errors are expected.
  admin.on('error', () => {});
  const under = redisUnderTest(`redis://127.0.0.1:${proxy.port}`, admin);
  const { log, keys, prefix, faults } = under;
  if (!faults) throw new Error('no faults');
  onTestFinished(async () => {
    await log.close();
    admin.disconnect();
    await proxy[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  const feeds = (): Feeds => {
    const made = createFeeds(log, { limits: { pollMs: 200 } });
    onTestFinished(() => made.close());
    return made;
  };
  const another = (): SessionLog => {
    const made = createRedisLog({ redis: server.url, prefix });
    onTestFinished(() => made.close());
    return made;
  };
  return { server, proxy, log, keys, admin, snapshot: faults.snapshot, feeds, another };
}

/** A log for a URL, closed when the test ends. */
export function logAt(
  redis: string | Redis | Cluster,
  onWarning?: (message: string) => void,
): SessionLog {
  const log = createRedisLog({ redis, onWarning });
  onTestFinished(() => log.close());
  return log;
}
