import { RedisCluster } from '@holdfast/testkit/redis-cluster';
import { Cluster } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { sessionLogConformance } from '../src/conformance/index.ts';
import { redisUnderTest } from './support/redis-under-test.ts';

let nodes: RedisCluster;
let admin: Cluster;

beforeAll(async () => {
  nodes = await RedisCluster.start();
  admin = new Cluster([...nodes.addresses]);
}, 60_000);

afterAll(async () => {
  admin.disconnect();
  await nodes[Symbol.asyncDispose]();
});

sessionLogConformance('the Redis log on a cluster', async (limits) =>
  redisUnderTest(admin, admin, limits),
);
