import type { RedisServer } from '@holdfast/testkit/redis-harness';
import { RedisReplicas } from '@holdfast/testkit/redis-replicas';
import { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { sessionLogConformance } from '../src/conformance/index.ts';
import { redisUnderTest } from './support/redis-under-test.ts';

let servers: RedisReplicas;
let master: RedisServer;
let admin: Redis;

beforeAll(async () => {
  servers = await RedisReplicas.start({ appendfsync: 'always' });
  master = servers.master;
  admin = new Redis(master.url);
}, 60_000);

afterAll(async () => {
  admin.disconnect();
  await servers[Symbol.asyncDispose]();
});

sessionLogConformance('the Redis log with every write on disk and on a replica', async (limits) =>
  redisUnderTest(master.url, admin, limits, { replicas: 1, fsync: true }),
);
