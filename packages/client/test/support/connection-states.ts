import { HoldfastError } from '@holdfast/protocol';
import {
  type ConnectionEvent,
  type ConnectionState,
  type Surroundings,
  transition,
} from '../../src/connection/state.ts';

export const around: Surroundings = {
  now: 100_000,
  silentMs: 40_000,
  random: 0.5,
  online: true,
  visible: true,
  lived: false,
  openMs: 8_000,
  carrier: 'socket',
};
const refused = new HoldfastError('bad_request', 'unable to test: refused');
const tries = { attempt: 1, refreshed: false };

/** Given up after one try. */
export const failedFor = (error: HoldfastError): ConnectionState => ({
  kind: 'failed',
  ...tries,
  trouble: { reason: error.code, attempt: 1, error },
});

export const life = { since: 50_000, silenceMs: 35_000 };

export type Kind = ConnectionState['kind'];
export const states: { readonly [K in Kind]: ConnectionState } = {
  idle: { kind: 'idle' },
  authorizing: { kind: 'authorizing', ...tries },
  connecting: { kind: 'connecting', ...tries },
  hello: { kind: 'hello', ...tries },
  online: { kind: 'online', ...tries, ...life },
  backoff: { kind: 'backoff', ...tries },
  offline: { kind: 'offline', ...tries },
  failed: failedFor(refused),
  closed: { kind: 'closed' },
};

export type Type = ConnectionEvent['type'];
export const events: { readonly [T in Type]: ConnectionEvent } = {
  want: { type: 'want' },
  unwant: { type: 'unwant' },
  token: { type: 'token' },
  'no-token': { type: 'no-token' },
  opened: { type: 'opened' },
  welcome: { type: 'welcome', silenceMs: 35_000 },
  lost: { type: 'lost', code: 1006 },
  unusable: { type: 'unusable', error: refused },
  other: { type: 'other' },
  deadline: { type: 'deadline' },
  drained: { type: 'drained' },
  silent: { type: 'silent' },
  wake: { type: 'wake' },
  offline: { type: 'offline' },
  close: { type: 'close' },
};

/** The state that follows and its timer, in short: `backoff deadline=500`. `-` changes nothing. */
export type Expected = string;

/** A token is asked for. */
export const authorizing: Expected = 'authorizing deadline=8000';

export function brief(
  from: ConnectionState,
  event: ConnectionEvent,
  now: Surroundings = around,
): Expected {
  const { state, deadlineMs } = transition(from, event, now);
  if (deadlineMs !== undefined) return `${state.kind} deadline=${deadlineMs}`;
  return state === from ? '-' : state.kind;
}
