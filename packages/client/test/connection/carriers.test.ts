import { expect, test } from 'vitest';
import {
  type ConnectionEvent,
  type ConnectionState,
  type Surroundings,
  transition,
} from '../../src/connection/state.ts';

const around: Surroundings = {
  now: 100_000,
  silentMs: 0,
  random: 0.5,
  online: true,
  visible: true,
  lived: false,
  openMs: 2_500,
  carrier: 'socket',
};
const tries = { attempt: 1, refreshed: false };

test.each(['connecting', 'hello'] as const)(
  'HF-CAR-2 a try that fails (%s) is made again at once with something else, and is no trouble',
  (kind) => {
    const { state, deadlineMs } = transition({ ...tries, kind }, { type: 'other' }, around);
    expect(state).toEqual({ ...tries, kind: 'authorizing' });
    expect(deadlineMs).toBe(8_000);
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
