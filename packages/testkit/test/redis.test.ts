import { Cluster, Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { FaultProxy } from '../src/fault-proxy.ts';
import { RedisCluster } from '../src/redis-cluster.ts';
import { asked, RedisReplicas } from '../src/redis-replicas.ts';
import { RedisSentinel } from '../src/redis-sentinel.ts';

it('a replica takes the place of its master without what it was not given, behind one address', async () => {
  await using pair = await RedisReplicas.start({ appendfsync: 'always' });
  await using proxy = await FaultProxy.start({ port: pair.master.port });
  await asked(pair.master, ['SET', 'kept', '1']);
  await pair.level();
  await pair.detach();
  await asked(pair.master, ['SET', 'lost', '1']);
  await pair.failOver();
  proxy.aim(pair.master.port);
  const client = new Redis(proxy.port);
  client.on('error', () => {});
  onTestFinished(() => client.disconnect());
  expect([await client.get('kept'), await client.get('lost')]).toEqual(['1', null]);
  await client.set('next', '1');
  await pair.rejoin();
  expect(await asked(pair.replica, ['MGET', 'lost', 'next'])).toEqual([null, '1']);
}, 60_000);

it('a Sentinel promotes the replica of a master that died', async () => {
  await using redis = await RedisSentinel.start();
  const client = new Redis(redis.address);
  client.on('error', () => {});
  onTestFinished(() => client.disconnect());
  await client.set('kept', '1');
  const { port } = redis.servers.replica;
  await redis.servers.level();
  await redis.servers.master.kill();
  await redis.failedOver();
  expect(await redis.masterPort()).toBe(port);
  expect(await client.get('kept')).toBe('1');
}, 60_000);

it('slots of a cluster move with what is in them, and a replica takes the place of a node', async () => {
  await using cluster = await RedisCluster.start({ replicas: true });
  const client = new Cluster([...cluster.addresses]);
  client.on('error', () => {});
  onTestFinished(() => client.disconnect());
  await client.set('{k}1', 'one');
  await client.set('{k}2', 'two');
  const from = await cluster.ownerOf('{k}');
  const to = cluster.nodes.slice(0, 3).find((node) => node !== from);
  if (!to) throw new Error('one node');
  await cluster.move('{k}', to);
  expect(await cluster.ownerOf('{k}')).toBe(to);
  expect(await client.mget('{k}1', '{k}2')).toEqual(['one', 'two']);
  await cluster.level(to);
  await to.kill();
  await cluster.replaced(to);
  expect((await cluster.ownerOf('{k}')).port).not.toBe(to.port);
  expect(await client.mget('{k}1', '{k}2')).toEqual(['one', 'two']);
}, 60_000);
