import { HoldfastError } from '@holdfast/protocol';
import { type Cluster, Redis, type RedisOptions } from 'ioredis';
import { type Bus, type BusEvents, clusterBus, serverBus } from './bus.ts';
import { leaveDemoted, settings } from './settings.ts';
import type { WriterClient } from './writer.ts';

interface Connections {
  /** The server, or one node of the cluster, without credentials. */
  readonly where: string;
  /** The number of the database. */
  readonly database: number;
  readonly publish: 'PUBLISH' | 'SPUBLISH';
  readonly writer: WriterClient;
  /** Makes another connection, for writes that wait until they are durable. */
  readonly committer: () => WriterClient;
  readonly bus: (events: BusEvents) => Bus;
}

/** The options that ioredis takes for each node: its type does not take what an instance gives. */
type NodeOptions = NonNullable<NonNullable<Parameters<Cluster['duplicate']>[1]>['redisOptions']>;

/** Settings of one connection, with its name in `CLIENT LIST`. */
const settingsOf = (role: string) => ({
  ...settings,
  reconnectOnError: leaveDemoted(),
  connectionName: `holdfast-${role}`,
});

/** A master that Sentinels tell has no address of its own; theirs is what can be looked at. */
function whereOf({ host, port, path, sentinels, name }: RedisOptions): string {
  if (!sentinels?.length) return path ?? `${host}:${port}`;
  const told = sentinels.map((each) => `${each.host ?? '127.0.0.1'}:${each.port ?? 26_379}`);
  return `the master "${name}" that the Sentinels at ${told.join(', ')} tell`;
}

function toServer(make: (role: string) => Redis): Connections {
  const writer = make('writer');
  return {
    where: whereOf(writer.options),
    database: writer.options.db ?? 0,
    publish: 'PUBLISH',
    writer,
    committer: () => make('committer'),
    bus: (events) => serverBus(make('subscriber'), events),
  };
}

function toCluster(cluster: Cluster): Connections {
  const make = (role: string): Cluster =>
    cluster.duplicate([], {
      clusterRetryStrategy: settings.retryStrategy,
      enableAutoPipelining: false,
      enableOfflineQueue: false,
      keyPrefix: '',
      lazyConnect: true,
      maxRedirections: 4,
      shardedSubscribers: role === 'subscriber',
      // ioredis 5 takes these in the place of the instance's own, and its password would be gone.
      redisOptions: {
        ...cluster.options.redisOptions,
        ...settingsOf(role),
      } as NodeOptions,
    });
  return {
    where: 'the cluster',
    // A cluster has no other.
    database: 0,
    publish: 'SPUBLISH',
    writer: make('writer'),
    committer: () => make('committer'),
    bus: (events) => clusterBus(make('subscriber'), events),
  };
}

/** A port, a host, a socket's path: what has no place for a password. */
const plainPattern = /^(\d+|[\w.-]+(:\d+)?|\/[^/@][^@]*)$/;

/** A URL from the wrong variable, or from beside the right one: it may be told, since it is no secret. */
const otherPattern = /^(https?|wss?|valkeys?|unix|postgres|postgresql|mysql|mongodb|amqps?):/;

/**
 * ioredis takes what is no URL for a path, and both it and Node repeat it in what they throw, with the
 * password that was meant.
 */
function checkedUrl(url: string): string {
  if (plainPattern.test(url)) return url;
  const [, scheme] = otherPattern.exec(url) ?? [];
  const { protocol, username, password } = URL.canParse(url) ? new URL(url) : { protocol: '' };
  if (/^rediss?:$/.test(protocol) && canDecode(`${username}${password}`)) return url;
  throw new HoldfastError(
    'internal',
    `unable to use Redis: the option \`redis\` is no URL like redis://user:password@host:6379; ${
      scheme
        ? `it begins with ${scheme}://, which is not how Redis is reached: take the address for Redis clients, not that of a REST API or of another database`
        : 'characters such as @, / and % stand in a password as %40, %2F and %25'
    }`,
  );
}

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Other clients have some of these, and not all. */
const isInstance = (redis: unknown): redis is Redis | Cluster =>
  typeof redis === 'object' &&
  redis !== null &&
  ['status', 'options', 'duplicate'].every((member) => member in redis) &&
  typeof Reflect.get(redis, 'status') === 'string';

/** Own connections to where `redis` says; an instance is copied and never used or closed itself. */
export function connect(redis: string | Redis | Cluster): Connections {
  if (typeof redis === 'string') {
    const url = checkedUrl(redis);
    return toServer((role) => new Redis(url, settingsOf(role)));
  }
  if (!isInstance(redis))
    throw new HoldfastError(
      'internal',
      'unable to use Redis: the option `redis` is neither a URL nor an instance or cluster of `ioredis`; other clients and objects of settings do not fit: give the URL, or `new Redis(settings)` of ioredis',
    );
  // Scripts and channels would not get it, so that sessions of two applications would meet.
  if (redis.options.keyPrefix)
    throw new HoldfastError(
      'internal',
      'unable to use Redis: the instance has a `keyPrefix`; leave that out, and give Holdfast a `prefix`',
    );
  if (redis.isCluster) return toCluster(redis as Cluster);
  const server = redis as Redis;
  return toServer((role) => server.duplicate(settingsOf(role)));
}
