import { type Cluster, Redis } from 'ioredis';
import { systemEnvironment } from '../environment.ts';
import { redacted } from '../redact.ts';
import { type Finding, inMs, ok, refused, timesOf, warning } from './finding.ts';
import { openLog, type Store } from './store.ts';
import { sizeOf } from './terminal.ts';

const { now } = systemEnvironment;

/** For each command, and for the connection, in ms. */
const patienceMs = 3_000;
const pings = 20;
/** Each entry waits for one round trip. */
const slowMs = 20;
const fullAt = 0.9;
const oldest = 7;

type Info = ReadonlyMap<string, string>;

/** Looks at Redis as a process of Holdfast would use it. What is refused first ends it where the rest would fail too. */
export async function* checkRedis(store: Store): AsyncGenerator<Finding> {
  const redis = lookingAt(store.redis);
  redis.on('error', () => {});
  try {
    const since = now();
    const isConnected = await redis.connect().then(
      () => true,
      () => false,
    );
    if (!isConnected) {
      yield (await checkUse(store, 'reach')) ?? refused('reach', 'it was away a moment ago');
      return;
    }
    yield ok('reach', `connected in ${inMs(now() - since)}`);
    if (redis.isCluster) yield* checkMasters(redis as Cluster);
    else yield* checkServer(redis as Redis);
    const lacks = await checkUse(store, 'rights');
    yield lacks ?? ok('rights', 'its user may do all that is needed');
    if (!lacks) yield await durabilityOf(store, redis);
  } finally {
    redis.disconnect();
  }
}

type NodeOptions = NonNullable<NonNullable<Parameters<Cluster['duplicate']>[1]>['redisOptions']>;

const impatient = {
  lazyConnect: true,
  connectTimeout: patienceMs,
  commandTimeout: patienceMs,
  maxRetriesPerRequest: 0,
  retryStrategy: () => null,
  sentinelRetryStrategy: () => null,
  enableOfflineQueue: false,
};

/** A connection of its own, which gives up at once. */
function lookingAt(redis: Store['redis']): Redis | Cluster {
  if (typeof redis === 'string') return new Redis(redis, impatient);
  if (!redis.isCluster) return (redis as Redis).duplicate(impatient);
  const cluster = redis as Cluster;
  return cluster.duplicate([], {
    lazyConnect: true,
    clusterRetryStrategy: () => null,
    enableOfflineQueue: false,
    // Its type does not take what an instance gives.
    redisOptions: { ...cluster.options.redisOptions, connectTimeout: patienceMs } as NodeOptions,
  });
}

/** Each is told by where it is. */
async function* checkMasters(cluster: Cluster): AsyncGenerator<Finding> {
  for (const node of cluster.nodes('master')) {
    const { host, port } = node.options;
    const master = node.duplicate(impatient);
    master.on('error', () => {});
    try {
      await master.connect().catch(() => {});
      for await (const finding of checkServer(master, true))
        yield { ...finding, says: `${host}:${port}: ${finding.says}` };
    } finally {
      master.disconnect();
    }
  }
}

/** Tries every right once, on keys that it removes, and the keys of encryption; null where all is well. */
async function checkUse(store: Store, check: string): Promise<Finding | null> {
  const log = openLog(store, () => {});
  try {
    await log.ready();
    return null;
  } catch (error) {
    return refused(check, redacted(error).message);
  } finally {
    await log.close();
  }
}

/** What the option `durability` may promise of this server. */
async function durabilityOf(store: Store, redis: Redis | Cluster): Promise<Finding> {
  const log = openLog(store, () => {}, 'fsync');
  try {
    const masters = redis.isCluster ? (redis as Cluster).nodes('master') : [redis as Redis];
    const counts = await Promise.all(
      masters.map(async (master) =>
        Number(infoOf(await master.info('replication')).get('connected_slaves') ?? 0),
      ),
    );
    const replicas = Math.min(...counts);
    const also = replicas === 0 ? '' : `, and replicas: ${replicas}`;
    const why = await log.ready().then(
      () => null,
      (error: unknown) => redacted(error).message,
    );
    if (why === null) return ok('durability', `up to fsync${also}`);
    return ok('durability', `redis, as it is set up${also}; ${why}`);
  } catch (error) {
    const says = `cannot be looked at: ${redacted(error).message}`;
    return warning('durability', says, 'allow its user INFO, see docs/deploy.md');
  } finally {
    await log.close();
  }
}

async function* checkServer(redis: Redis, isNode = false): AsyncGenerator<Finding> {
  try {
    const times: number[] = [];
    for (let left = pings; left > 0; left--) {
      const since = now();
      await redis.ping();
      times.push(now() - since);
    }
    yield latencyOf(times);
    const info = infoOf(await redis.info());
    yield versionOf(info);
    yield roleOf(info, isNode);
    yield evictionOf(info);
    yield memoryOf(info);
    yield persistenceOf(info);
    yield failoverOf(info);
  } catch (error) {
    const says = `cannot be looked at: ${redacted(error).message}`;
    yield warning('server', says, 'allow its user PING and INFO, see docs/deploy.md');
  }
}

const infoOf = (text: string): Info =>
  new Map(
    [...text.matchAll(/^([a-z_]+):(.*?)\r?$/gm)].map(([, name = '', value = '']) => [name, value]),
  );

function latencyOf(times: readonly number[]): Finding {
  const { middle, slowest } = timesOf(times);
  const says = `${inMs(middle)} for a round trip, ${inMs(slowest)} at the slowest of ${times.length}`;
  if (middle < slowMs) return ok('latency', says);
  return warning('latency', says, 'each batch of an answer waits for one; move Redis nearer');
}

function versionOf(info: Info): Finding {
  const valkey = info.get('valkey_version');
  const version = info.get('redis_version') ?? 'unknown';
  if (valkey !== undefined) return ok('version', `Valkey ${valkey}`);
  if (Number.parseInt(version, 10) >= oldest) return ok('version', `Redis ${version}`);
  return refused('version', `Redis ${version}`, 'use Redis or Valkey of 7.0 or later');
}

function roleOf(info: Info, isNode: boolean): Finding {
  if (info.get('cluster_enabled') === '1' && !isNode)
    return refused('role', 'a node of a cluster', 'say so by --cluster, and to createHoldfast');
  if (info.get('role') === 'master') return ok('role', 'takes writes');
  return refused('role', 'a replica: it takes no writes', 'give the address of the master');
}

function evictionOf(info: Info): Finding {
  const policy = info.get('maxmemory_policy') ?? 'unknown';
  if (policy === 'noeviction') return ok('eviction', policy);
  const says = `maxmemory-policy is ${policy}: it may drop parts of sessions`;
  return warning('eviction', says, 'set it to noeviction');
}

function memoryOf(info: Info): Finding {
  const used = Number(info.get('used_memory') ?? 0);
  const most = Number(info.get('maxmemory') ?? 0);
  if (most === 0) return ok('memory', `${sizeOf(used)}, without a limit of its own`);
  const says = `${sizeOf(used)} of ${sizeOf(most)}`;
  if (used < most * fullAt) return ok('memory', says);
  return warning(
    'memory',
    says,
    'when it is full, sends are refused and answers wait; give it more',
  );
}

function persistenceOf(info: Info): Finding {
  if (info.get('aof_enabled') === '1') return ok('persistence', 'append-only file');
  const says = 'no append-only file: a crash of Redis loses the end of sessions, or all';
  return warning('persistence', says, 'set appendonly to yes, where that matters');
}

function failoverOf(info: Info): Finding {
  const replicas = Number(info.get('connected_slaves') ?? 0);
  if (replicas === 0) return ok('failover', 'no replicas');
  if (info.has('min_slaves_good_slaves'))
    return ok('failover', `${replicas} replicas, and it waits for one`);
  const says = `${replicas} replicas: a failover may lose what was acknowledged`;
  return warning(
    'failover',
    says,
    'set min-replicas-to-write to 1, or have writes wait: the option `durability`',
  );
}
