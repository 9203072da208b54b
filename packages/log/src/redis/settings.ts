import type { RedisOptions } from 'ioredis';

/** After this long without an answer the outcome of a command is unknown. */
export const commandTimeoutMs = 2_000;

/** For so long behind an append that has renewed its run's lease, others leave the lease as it is (HF-LOG-23). */
export const leaseQuietMs = 200;

const connectMs = 5_000;
const retryFirstMs = 50;
const retryLastMs = 1_000;
/** Writers and leases repeat what was not taken at least that often (PROTOCOL.md section 15). */
const repeatMs = 1_000;

/**
 * How long another process may need, when Redis is there again, until it has renewed its leases: to give a connection
 * up that was begun before, to wait for the next one, and to repeat.
 */
export const returnMs: number = connectMs + retryLastMs + repeatMs;

/** 50 ms doubling to 1 s, until the log is closed (PROTOCOL.md section 15). */
const retryStrategy = (attempt: number): number =>
  Math.min(retryFirstMs * 2 ** Math.min(attempt - 1, 10), retryLastMs);

type Names =
  | 'autoResendUnfulfilledCommands'
  | 'autoResubscribe'
  | 'commandTimeout'
  | 'connectTimeout'
  | 'disconnectTimeout'
  | 'enableAutoPipelining'
  | 'enableOfflineQueue'
  | 'enableReadyCheck'
  | 'failoverDetector'
  | 'keepAlive'
  | 'keyPrefix'
  | 'lazyConnect'
  | 'maxRetriesPerRequest'
  | 'sentinelCommandTimeout'
  | 'stringNumbers';

interface ConnectionSettings extends Required<Pick<RedisOptions, Names>> {
  readonly retryStrategy: (attempt: number) => number;
}

const leaveMs = 1_000;

/**
 * For one connection: leaves a master that was demoted. Once a second, so that it can be read meanwhile. 1 and
 * not 2, which would send the command again.
 */
export function leaveDemoted(): (error: Error) => false | 1 {
  let left = Number.NEGATIVE_INFINITY;
  return (error) => {
    const now = performance.now();
    if (!error.message.startsWith('READONLY') || now - left < leaveMs) return false;
    left = now;
    return 1;
  };
}

/**
 * ioredis by default sends commands again after a reconnect and holds them while it is away. Here a
 * caller repeats what it wants repeated, so both are off: a command fails within its time-out.
 */
export const settings: ConnectionSettings = {
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  commandTimeout: commandTimeoutMs,
  connectTimeout: connectMs,
  // A peer that is gone does not take part in the end of its connection.
  disconnectTimeout: 250,
  enableAutoPipelining: false,
  enableOfflineQueue: false,
  enableReadyCheck: true,
  // Sentinels tell of a new master; a hung one would not tell of itself.
  failoverDetector: true,
  keepAlive: 10_000,
  // Keys are built in one place, and channels and keys within scripts would not get it.
  keyPrefix: '',
  lazyConnect: true,
  maxRetriesPerRequest: 0,
  retryStrategy,
  sentinelCommandTimeout: commandTimeoutMs,
  // Scripts answer by numbers, and so does WAIT: a text would not be compared with what it has to be.
  stringNumbers: false,
};
