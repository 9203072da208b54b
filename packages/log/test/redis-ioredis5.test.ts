import { RedisCluster } from '@holdfast/testkit/redis-cluster';
import { RedisServer } from '@holdfast/testkit/redis-harness';
import { RedisReplicas } from '@holdfast/testkit/redis-replicas';
import { type Cluster, Redis } from 'ioredis';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis5';
import { expect, it, onTestFinished, vi } from 'vitest';
import { collect, startRun } from '../src/conformance/kit.ts';
import { createRedisLog } from '../src/redis/index.ts';
import { unavailable } from './support/outages.ts';
import { logAt } from './support/redis-fixture.ts';

const password = 'a word with / and @';
const patient = { timeout: 20_000 };

/** An application may have the older major: what Holdfast uses of an instance is in both. */
const asNow = <T>(instance: object): T => instance as T;

async function works(log: ReturnType<typeof logAt>): Promise<void> {
  await vi.waitFor(() => log.ready(), patient);
  const { session, append } = await startRun(log);
  const deliveries = await collect(log, session);
  await append(1);
  await append(2);
  const bytes = Buffer.from([0, 255, 13, 10, 200]);
  await log.putPiece(session, 'u', 0, bytes);
  expect(await log.readPiece(session, { upload: 'u' }, 0)).toEqual(bytes);
  await vi.waitFor(() => {
    const entries = deliveries.filter(({ kind }) => kind === 'entry');
    expect(entries).toMatchObject([{ body: 'chunk 1' }, { body: 'chunk 2' }]);
  }, patient);
}

it('an instance of ioredis 5 is copied with its password, name and database', async () => {
  const server = await RedisServer.start({ args: ['--requirepass', password] });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const given = new Redis5({ port: server.port, password, db: 3, lazyConnect: true });
  await works(logAt(asNow<Redis>(given)));
  const admin = new Redis({ port: server.port, password, db: 3 });
  onTestFinished(() => admin.disconnect());
  expect((await admin.keys('holdfast:*')).length).toBeGreaterThan(0);
  expect(given.status).toBe('wait');
});

it.each([
  ['for all nodes', () => ({}), { redisOptions: { password } }],
  ['with each address', () => ({ password }), {}],
])(
  'an instance of a Cluster of ioredis 5 is copied with its password, given %s',
  async (_, each, options) => {
    const cluster = await RedisCluster.start();
    onTestFinished(() => cluster[Symbol.asyncDispose]());
    for (const { url } of cluster.nodes) {
      const admin = new Redis(url);
      await admin.config('SET', 'requirepass', password);
      admin.disconnect();
    }
    const addresses = cluster.addresses.map((address) => ({ ...address, ...each() }));
    const given = new Cluster5(addresses, { ...options, lazyConnect: true });
    const log = logAt(asNow<Cluster>(given));
    // On several nodes.
    for (let round = 0; round < 4; round++) await works(log);
    expect(given.status).toBe('wait');
  },
  60_000,
);

it('HF-LOG-44: writes wait for a replica over a connection of ioredis 5, too', async () => {
  const pair = await RedisReplicas.start();
  onTestFinished(() => pair[Symbol.asyncDispose]());
  const redis = asNow<Redis>(new Redis5({ port: pair.master.port, lazyConnect: true }));
  const log = createRedisLog({ redis, durability: { replicas: 1 } });
  onTestFinished(() => log.close());
  await works(log);
  pair.replica.pause();
  await expect(startRun(log)).rejects.toMatchObject(unavailable);
});
