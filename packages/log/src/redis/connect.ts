import { type Cluster, Redis } from 'ioredis';
import { type Bus, type BusEvents, clusterBus, serverBus } from './bus.ts';
import { settings } from './settings.ts';
import type { WriterClient } from './writer.ts';

export interface Connections {
  /** The server, or one node of the cluster, without credentials. */
  readonly where: string;
  readonly publish: 'PUBLISH' | 'SPUBLISH';
  readonly writer: WriterClient;
  readonly bus: (events: BusEvents) => Bus;
}

/** A name for the connection in `CLIENT LIST`. */
const named = (role: string): { readonly connectionName: string } => ({
  connectionName: `holdfast-${role}`,
});

function toServer(make: (role: string) => Redis): Connections {
  const writer = make('writer');
  const { host, port, path } = writer.options;
  return {
    where: path ?? `${host}:${port}`,
    publish: 'PUBLISH',
    writer,
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
      redisOptions: { ...settings, ...named(role) },
    });
  return {
    where: 'the cluster',
    publish: 'SPUBLISH',
    writer: make('writer'),
    bus: (events) => clusterBus(make('subscriber'), events),
  };
}

/** Own connections to where `redis` says; an instance is copied and never used or closed itself. */
export function connect(redis: string | Redis | Cluster): Connections {
  if (typeof redis === 'string')
    return toServer((role) => new Redis(redis, { ...settings, ...named(role) }));
  if (redis.isCluster) return toCluster(redis as Cluster);
  const server = redis as Redis;
  return toServer((role) => server.duplicate({ ...settings, ...named(role) }));
}
