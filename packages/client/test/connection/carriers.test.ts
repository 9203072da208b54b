import { defaultLimits, HoldfastError } from '@holdfast/protocol';
import { expect, test } from 'vitest';
import {
  type ConnectionEvent,
  type ConnectionState,
  type Surroundings,
  transition,
} from '../../src/connection/state.ts';

const around: Surroundings = {
  now: 100_000,
  random: 0.5,
  online: true,
  visible: true,
  lived: false,
  openMs: 2_500,
  carrier: 'socket',
  limits: defaultLimits,
};
const tries = { attempt: 1, refreshed: false };
const ends: readonly ConnectionEvent[] = [
  { type: 'lost', code: 1006 },
  { type: 'deadline', silentMs: 2_500 },
  { type: 'unusable', error: new HoldfastError('bad_request', 'unable to test: refused') },
];

test.each(['connecting', 'hello'] as const)(
  'HF-CAR-2 a try that fails (%s) is made again at once with something else, and is no trouble',
  (kind) => {
    for (const event of ends) {
      const { state, deadlineMs } = transition({ ...tries, kind }, event, {
        ...around,
        isOther: true,
      });
      expect(state).toEqual({ ...tries, kind: 'authorizing' });
      expect(deadlineMs).toBeUndefined();
    }
  },
);

test('HF-CAR-2 a socket has no longer than HTTP may wait for it', () => {
  const asked = transition({ ...tries, kind: 'authorizing' }, { type: 'token' }, around);
  expect(asked.deadlineMs).toBe(2_500);
});

test('HF-CONN-15 a try over HTTP that fails was refused, though it counts as open from the beginning', () => {
  const hello: ConnectionState = { ...tries, kind: 'hello' };
  const lost: ConnectionEvent = { type: 'lost', code: 1006 };
  const reasonOver = (carrier: 'socket' | 'http') =>
    transition(hello, lost, { ...around, carrier }).state.trouble?.reason;
  expect(reasonOver('http')).toBe('refused');
  expect(reasonOver('socket')).toBe('lost');
});
