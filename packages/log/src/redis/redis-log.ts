import type { Cluster, Redis } from 'ioredis';
import { checked } from '../checked.ts';
import type { Durability } from '../contract/durability.ts';
import type { LogLimits, SessionLog } from '../contract/session-log.ts';
import { logLimits } from '../limits.ts';
import { Appends } from './appends.ts';
import { Channels } from './channels.ts';
import { Commits } from './commits.ts';
import { connect } from './connect.ts';
import { Gathered } from './gathered.ts';
import { checkHealth, checkRights } from './health.ts';
import { Keys } from './keys.ts';
import { signalPrefix } from './message.ts';
import { scripts, withConstants } from './scripts.ts';
import { leaseQuietMs } from './settings.ts';
import { append } from './steps/append.ts';
import { cancel } from './steps/cancel.ts';
import { checkpoint } from './steps/checkpoint.ts';
import { claim } from './steps/claim.ts';
import { command } from './steps/command.ts';
import { erase } from './steps/delete.ts';
import { dismiss } from './steps/dismiss.ts';
import { due } from './steps/due.ts';
import { file } from './steps/file.ts';
import { find } from './steps/find.ts';
import { head } from './steps/head.ts';
import { items } from './steps/items.ts';
import { keep } from './steps/keep.ts';
import { open } from './steps/open.ts';
import { piece } from './steps/piece.ts';
import { pieces } from './steps/pieces.ts';
import { places } from './steps/places.ts';
import { put } from './steps/put.ts';
import { read } from './steps/read.ts';
import { reap } from './steps/reap.ts';
import { remind } from './steps/remind.ts';
import { renew } from './steps/renew.ts';
import { run } from './steps/run.ts';
import { seed } from './steps/seed.ts';
import { send } from './steps/send.ts';
import { suspect } from './steps/suspect.ts';
import type { Store } from './store.ts';
import { Writer } from './writer.ts';

/** Options of `createRedisLog`. */
export interface RedisLogOptions {
  /**
   * A URL, or an ioredis instance whose settings are taken over; for a cluster, of ioredis 5.6 or
   * later. An instance is copied: it is not used itself, and stays open when the log is closed.
   */
  readonly redis: string | Redis | Cluster;
  /** The beginning of every key and channel. @default 'holdfast' */
  readonly prefix?: string | undefined;
  /**
   * Limits that differ from the defaults.
   * @default those of `defaultLimits`
   */
  readonly limits?: Partial<LogLimits> | undefined;
  /**
   * What every acknowledged write has survived by then. `redis`: what Redis survives as it is set up. `fsync`: it is
   * on disk; Redis before 7.2 needs `appendfsync always` for that. `{ replicas: 2 }`: so many replicas have it, and
   * with `fsync: true` the disk, too. A server that cannot give it makes `ready` and writes reject with
   * `unavailable`, in words. Leases, claims and reminders do not wait.
   * @default 'redis'
   */
  readonly durability?: Durability | undefined;
  /** Told by `ready` what is risky about the server. @default a process warning */
  readonly onWarning?: ((message: string) => void) | undefined;
}

const warn = (message: string): void => process.emitWarning(message, { code: 'HOLDFAST_REDIS' });

/**
 * A log on Redis 7.0 or later, or Valkey, a cluster included. Connections are made at the first
 * use; `ready` makes one, tries every right that the user needs, and says what is wrong with the server. On a single server deliveries
 * come by Pub/Sub, on a cluster by sharded Pub/Sub.
 */
export function createRedisLog(options: RedisLogOptions): SessionLog {
  const { redis, prefix = 'holdfast', limits, durability = 'redis', onWarning = warn } = options;
  const bounds = logLimits(limits);
  const { writer: client, committer, where, bus, database, publish } = connect(redis);
  const keys = new Keys(prefix, database);
  const writer = new Writer(client, where);
  const channels = new Channels(bus, where);
  const commits = new Commits({
    writer,
    connect: () => new Writer(committer(), where),
    durability,
  });
  const { retentionMs, commandMs, sessionBytes, sessionEntries } = bounds;
  // The end of a session's life is moved by what renews leases.
  const quietMs = Math.min(leaseQuietMs, retentionMs / 16);
  const appendScript = withConstants(scripts.append, {
    publish,
    channel: keys.channel,
    retention_ms: retentionMs,
    command_ms: commandMs,
    session_bytes: sessionBytes,
    session_entries: sessionEntries,
    quiet_ms: quietMs,
  });
  const way = publish === 'SPUBLISH' ? 'apart' : 'together';
  const now = (): number => performance.now();
  const appends = new Appends({ commits, script: appendScript, keys, way, quietMs, now });
  const heads = new Gathered((...given) => writer.run(scripts.head, ...given), way);
  const leases = new Gathered((...given) => writer.run(scripts.renew, ...given), way);
  const store: Store = { writer, commits, appends, heads, leases, keys, limits: bounds, publish };
  const log: SessionLog = {
    durability,
    ready: async () => {
      await checkHealth(writer, onWarning);
      await commits.check();
      await checkRights(store, channels);
    },
    head: (session) => head(store, session),
    read: (session, request) => read(store, session, request),
    open: (session, request) => open(store, session, request),
    items: (session, request) => items(store, session, request),
    find: (session, key) => find(store, session, key),
    checkpoint: (session, given) => checkpoint(store, session, given),
    seed: (session, given) => seed(store, session, given),
    send: (session, given) => send(store, session, given),
    command: (session, id) => command(store, session, id),
    run: (session, id) => run(store, session, id),
    append: (session, given) => append(store, session, given),
    renew: (session, given) => renew(store, session, given),
    cancel: (session, given) => cancel(store, session, given),
    suspect: (session, given) => suspect(store, session, given),
    reap: (session, given) => reap(store, session, given),
    delete: (session) => erase(store, session),
    remind: (topic, session, afterMs) => remind(store, topic, session, afterMs),
    due: (topic, limit, claimMs) => due(store, topic, limit, claimMs),
    dismiss: (reminder) => dismiss(store, reminder),
    claim: (session, given) => claim(store, session, given),
    subscribe: async (session, listener) =>
      await channels.subscribe(keys.of(session).channel, listener),
    undelivered: (session) => channels.renew(keys.of(session).channel),
    signal: async (session, text) => {
      const message = [keys.of(session).channel, signalPrefix + text];
      await writer.ask('signal', (each) => each.call(publish, message));
    },
    putPiece: (session, upload, index, data) => put(store, session, { upload, index, data }),
    piecesOf: async (session, upload) => (await pieces(store, session, upload)).count,
    revisionOf: async (session, upload) => (await pieces(store, session, upload)).revision,
    keepFile: (session, upload, given, revision) =>
      keep(store, session, { upload, file: given, revision }),
    fileInfo: (session, digest) => file(store, session, digest),
    readPiece: (session, source, index) => piece(store, session, source, index),
    places: (session, change) => places(store, session, change),
    close: async () => {
      writer.close();
      commits.close();
      channels.close();
    },
  };
  return checked(log, bounds);
}
