import { defaultLimits, HoldfastError } from '@holdfast/protocol';
import {
  type ConnectionEvent,
  type ConnectionState,
  type Surroundings,
  transition,
} from '../../src/connection/state.ts';

export const around: Surroundings = {
  now: 100_000,
  random: 0.5,
  online: true,
  visible: true,
  lived: false,
  openMs: 8_000,
  carrier: 'socket',
  limits: defaultLimits,
};
const refused = new HoldfastError('bad_request', 'unable to test: refused');
const tries = { attempt: 1, refreshed: false };
export const life = { since: 50_000, heartbeatMs: 25_000 };

export type Kind = ConnectionState['kind'];
export const states: { readonly [K in Kind]: ConnectionState } = {
  idle: { kind: 'idle' },
  authorizing: { kind: 'authorizing', ...tries },
  connecting: { kind: 'connecting', ...tries },
  hello: { kind: 'hello', ...tries },
  ready: { kind: 'ready', ...tries, ...life },
  probing: { kind: 'probing', ...tries, ...life },
  backoff: { kind: 'backoff', ...tries },
  paused: { kind: 'paused', ...tries },
  failed: { kind: 'failed', error: refused },
  closed: { kind: 'closed' },
};

export type Type = ConnectionEvent['type'];
export const events: { readonly [T in Type]: ConnectionEvent } = {
  want: { type: 'want' },
  unwant: { type: 'unwant' },
  token: { type: 'token' },
  'no-token': { type: 'no-token' },
  opened: { type: 'opened' },
  welcome: { type: 'welcome', heartbeatMs: 25_000 },
  received: { type: 'received' },
  lost: { type: 'lost', code: 1006 },
  unusable: { type: 'unusable', error: refused },
  deadline: { type: 'deadline', silentMs: 40_000 },
  drain: { type: 'drain', spreadMs: 1_000 },
  drained: { type: 'drained' },
  wake: { type: 'wake' },
  offline: { type: 'offline' },
  close: { type: 'close' },
};

/** The state that follows and its timers, in short: `backoff deadline=500`. `-` changes nothing. */
export type Expected = string;

export function brief(
  from: ConnectionState,
  event: ConnectionEvent,
  now: Surroundings = around,
): Expected {
  const { state, deadlineMs, drainedMs } = transition(from, event, now);
  const timers = [
    deadlineMs === undefined ? [] : `deadline=${deadlineMs}`,
    drainedMs === undefined ? [] : `drained=${drainedMs}`,
  ].flat();
  if (state === from && timers.length === 0) return '-';
  return [state.kind, ...timers].join(' ');
}
