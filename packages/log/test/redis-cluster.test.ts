import { RedisCluster } from '@holdfast/testkit/redis-cluster';
import type { RedisServer } from '@holdfast/testkit/redis-harness';
import { asked } from '@holdfast/testkit/redis-replicas';
import { Cluster } from 'ioredis';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { sessionLogConformance } from '../src/conformance/index.ts';
import { bodiesOf, startRun } from '../src/conformance/kit.ts';
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

it('HF-LOG-4: an append to a session that is in part at another node already waits until all of it is', async () => {
  const { log, keys } = redisUnderTest(admin, admin);
  onTestFinished(() => log.close());
  const { session, append } = await startRun(log);
  await append(1);
  const { meta, log: stream } = keys.of(session);
  const from = await nodes.ownerOf(meta);
  const to = nodes.nodes.find((node) => node !== from) as RedisServer;
  const slot = String(await asked(from, ['CLUSTER', 'KEYSLOT', meta]));
  const [source, target] = await Promise.all(
    [from, to].map(async (node) => String(await asked(node, ['CLUSTER', 'MYID']))),
  );
  await asked(to, ['CLUSTER', 'SETSLOT', slot, 'IMPORTING', String(source)]);
  await asked(from, ['CLUSTER', 'SETSLOT', slot, 'MIGRATING', String(target)]);
  await asked(from, ['MIGRATE', '127.0.0.1', String(to.port), stream, '0', '5000']);
  const rest = async () => {
    await vi.waitFor(
      async () => expect(await asked(from, ['INFO', 'errorstats'])).toContain('TRYAGAIN'),
      { timeout: 20_000 },
    );
    await nodes.move(meta, to);
  };
  const [outcome] = await Promise.all([append(2), rest()]);
  expect(outcome).toEqual({ kind: 'appended', cancelled: false });
  expect((await bodiesOf(log, session)).slice(2)).toEqual(['chunk 1', 'chunk 2']);
});
