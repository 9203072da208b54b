import type { Cluster, Redis } from 'ioredis';

export interface BusEvents {
  /** Connected, for the first time or again. Nothing is subscribed then. */
  up(): void;
  /** Not connected; subscriptions are gone. */
  down(error: unknown): void;
  /** Subscriptions were made again behind our back: something may have been missed. */
  renewed(): void;
  message(channel: string, text: string): void;
}

/** The connection that deliveries come on: Pub/Sub of one server, or sharded Pub/Sub of a cluster. */
export interface Bus {
  readonly connected: boolean;
  connect(): void;
  join(channel: string): Promise<unknown>;
  leave(channel: string): Promise<unknown>;
  /** Drops the connection and makes a new one, because this one does not answer or deliver. */
  restart(): void;
  close(): void;
}

/** A subscriber sends nothing by itself, so a dead connection would look like a quiet one. */
const probeMs = 10_000;

export function serverBus(redis: Redis, events: BusEvents): Bus {
  let lastError: unknown = null;
  let probe: NodeJS.Timeout | undefined;
  /** True from a drop to the end of that connection: for each further one ioredis would listen once more. */
  let isDropped = false;
  const restart = (): void => {
    if (isDropped) return;
    isDropped = true;
    redis.disconnect(true);
  };
  redis.on('error', (error) => {
    lastError = error;
  });
  redis.on('ready', () => {
    isDropped = false;
    probe = setInterval(() => {
      redis.ping().catch(restart);
    }, probeMs);
    probe.unref();
    events.up();
  });
  redis.on('close', () => {
    isDropped = false;
    clearInterval(probe);
    events.down(lastError ?? new Error('connection closed'));
  });
  redis.on('message', (channel, text) => events.message(channel, text));
  return {
    get connected() {
      return redis.status === 'ready';
    },
    connect() {
      // A failure comes as the events `error` and `close`.
      if (redis.status === 'wait') redis.connect().catch(() => {});
    },
    join: (channel) => redis.subscribe(channel),
    leave: (channel) => redis.unsubscribe(channel),
    restart,
    close: () => redis.disconnect(),
  };
}

export function clusterBus(cluster: Cluster, events: BusEvents): Bus {
  let lastError: unknown = null;
  cluster.on('error', (error) => {
    lastError = error;
  });
  cluster.on('ready', () => events.up());
  cluster.on('close', () => events.down(lastError ?? new Error('connection closed')));
  // The client of the cluster subscribes again by itself when a node goes or slots move.
  cluster.on('subscribersReady', () => events.renewed());
  cluster.on('smessage', (channel: string, text: string) => events.message(channel, text));
  return {
    get connected() {
      return cluster.status === 'ready';
    },
    connect() {
      if (cluster.status === 'wait') cluster.connect().catch(() => {});
    },
    join: (channel) => cluster.ssubscribe(channel),
    leave: (channel) => cluster.sunsubscribe(channel),
    restart: () => cluster.disconnect(true),
    close: () => cluster.disconnect(),
  };
}
