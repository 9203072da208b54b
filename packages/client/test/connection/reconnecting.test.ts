import { closeCodes, HoldfastError } from '@holdfast/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ConnectionEvent,
  type ConnectionState,
  takes,
  transition,
} from '../../src/connection/state.ts';
import {
  around,
  authorizing,
  brief,
  type Expected,
  events,
  failedFor,
  life,
  states,
} from '../support/connection-states.ts';

test('the verdict of the close code decides what follows a loss (HF-CLOSE-1)', () => {
  const after = (code: number, state = states.hello): Expected =>
    brief(state, { type: 'lost', code });
  expect(after(1001)).toBe('backoff deadline=500');
  expect(after(1013)).toBe('backoff deadline=5500');
  expect(after(4429)).toBe('backoff deadline=5500');
  expect(after(4401)).toBe(authorizing);
  expect(after(4401, { kind: 'hello', attempt: 0, refreshed: true })).toBe('failed deadline=30000');
  expect(after(4419, states.online)).toBe(authorizing);
  expect(after(4403)).toBe('failed');
  expect(after(4499)).toBe('failed');
  expect(after(4999)).toBe('backoff deadline=500');
});

test('a connection that is given up says by which close code', () => {
  const errorAfter = (code: number) =>
    transition(states.hello, { type: 'lost', code }, around).state.trouble?.error;
  expect(errorAfter(closeCodes.forbidden.code)).toMatchObject({
    code: 'forbidden',
    message: 'unable to connect: closed with 4403',
  });
  expect(errorAfter(closeCodes.tooBig.code)).toMatchObject({ code: 'too_large' });
});

test('a fresh token is tried once in a row, and a welcome forgives', () => {
  const refreshed = transition(states.hello, { type: 'lost', code: 4401 }, around).state;
  expect(refreshed).toMatchObject({ kind: 'authorizing', refreshed: true });
  const welcomed = transition(
    { kind: 'hello', attempt: 0, refreshed: true },
    events.welcome,
    around,
  ).state;
  expect(welcomed).toMatchObject({ kind: 'online', refreshed: false });
});

test('the delay doubles from 0.5 s to 20 s with full jitter, and a short life does not reset it', () => {
  let state: ConnectionState = { kind: 'connecting', attempt: 0, refreshed: false };
  const ceilings: number[] = [];
  for (let round = 0; round < 8; round++) {
    const lost = transition(state, events.lost, { ...around, random: 1 });
    if (lost.state.kind !== 'backoff') throw new Error('not in backoff');
    ceilings.push(lost.deadlineMs ?? Number.NaN);
    state = {
      kind: 'online',
      ...life,
      since: around.now - 10_000,
      attempt: lost.state.attempt,
      refreshed: false,
    };
  }
  expect(ceilings).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
  expect(brief(states.backoff, events.deadline, { ...around, random: 0 })).toBe(authorizing);
});

test('nothing is tried while hidden', () => {
  const there = { ...around, visible: false };
  for (const from of [states.online, states.hello])
    expect(brief(from, events.lost, there)).toBe('offline deadline=30000');
  expect(brief(states.backoff, events.deadline, there)).toBe('offline deadline=30000');
  for (const event of [events.wake, events.deadline])
    expect(brief(states.offline, event, there)).toBe('-');
});

test('HF-CLI-6 a host that calls itself offline is tried once, and then every 30 s', () => {
  const there = { ...around, online: false };
  expect(brief(states.idle, events.want, there)).toBe(authorizing);
  expect(brief(states.online, events.lost, there)).toBe(authorizing);
  expect(brief(states.connecting, events.lost, there)).toBe('offline deadline=30000');
  for (const event of [events.deadline, events.wake])
    expect(brief(states.offline, event, there)).toBe(authorizing);
});

test('HF-LIVE-5 who was refused as not signed in has a way back, and nobody else', () => {
  const unauthorized = new HoldfastError('unauthorized', 'unable to test: who are you');
  const failed = failedFor(unauthorized);
  expect(brief(failed, events.deadline)).toBe('failed deadline=30000');
  expect(brief(failed, events.wake)).toBe(authorizing);
  expect(brief(failed, events.offline)).toBe('-');
  expect(brief(states.failed, events.wake)).toBe('-');
});

test('a socket that spoke since the watchdog was set is given the rest of its time (HF-LIVE-2)', () => {
  const after = (silentMs: number): Expected =>
    brief(states.online, events.deadline, { ...around, silentMs });
  expect(after(5_000)).toBe('online deadline=30000');
  expect(after(35_000)).toBe(authorizing);
  // A clock that was set back by an hour must not hide for an hour that the socket is dead.
  expect(after(-3_600_000)).toBe(authorizing);
});

test('a page that wakes does not wait when it has no socket, or a silent one (HF-LIVE-3)', () => {
  expect(brief(states.online, events.silent)).toBe(authorizing);
  expect(transition(states.backoff, events.wake, around).state).toMatchObject({ attempt: 0 });
});

describe('HF-CONN-15 why there is no connection, and when waiting does not help', () => {
  const troubleAfter = (from: ConnectionState, event: ConnectionEvent, there = around) => {
    const { state } = transition(from, event, there);
    if (!('trouble' in state) || !state.trouble) return undefined;
    const { reason, attempt, error } = state.trouble;
    return { reason, attempt, isStuck: error !== undefined };
  };

  test.each([
    ['no socket opens', states.connecting, events.lost, 'refused'],
    ['one is opened and closed', states.hello, events.lost, 'lost'],
    ['the gateway takes no more', states.hello, { type: 'lost', code: 1013 }, 'limit'],
    ['the token cannot be had', states.authorizing, events['no-token'], 'token'],
  ] as const)('%s', (_, from, event, reason) => {
    expect(troubleAfter(from, event)).toEqual({ reason, attempt: 2, isStuck: false });
    const often = { ...from, attempt: 4 } as ConnectionState;
    expect(troubleAfter(often, event)).toEqual({ reason, attempt: 5, isStuck: true });
    // Where there was a connection before, a gateway may only be away for a while.
    const there = { ...around, lived: true };
    expect(troubleAfter(often, event, there)).toEqual({ reason, attempt: 5, isStuck: false });
    expect(troubleAfter({ ...from, attempt: 7 } as ConnectionState, event, there)?.isStuck).toBe(
      true,
    );
  });

  test('one that is not answered is known at once, where there was none before', () => {
    for (const from of [states.authorizing, states.connecting, states.hello]) {
      const expected = { reason: 'unanswered', attempt: 2 };
      expect(troubleAfter(from, events.deadline)).toEqual({ ...expected, isStuck: true });
      expect(troubleAfter(from, events.deadline, { ...around, lived: true })).toEqual({
        ...expected,
        isStuck: false,
      });
    }
  });

  test('the delays of the tries that are waited for are less than 10 s together', () => {
    let state: ConnectionState = { kind: 'connecting', attempt: 0, refreshed: false };
    let waitedMs = 0;
    while (!('trouble' in state) || !state.trouble?.error) {
      const next = transition(state, events.lost, { ...around, random: 1 });
      if (next.state.kind !== 'backoff') throw new Error('not in backoff');
      if (!next.state.trouble?.error) waitedMs += next.deadlineMs ?? Number.NaN;
      state = { ...next.state, kind: next.state.trouble?.error ? 'backoff' : 'connecting' };
    }
    expect(waitedMs).toBe(7_500);
  });

  test('what was given up says why, and a welcome forgets all', () => {
    expect(troubleAfter(states.hello, { type: 'lost', code: 4403 })).toEqual({
      reason: 'forbidden',
      attempt: 1,
      isStuck: true,
    });
    const tried = transition(states.hello, events.lost, around).state;
    const greeted = { ...tried, kind: 'hello' } as ConnectionState;
    expect(troubleAfter(greeted, events.welcome)).toBeUndefined();
  });

  test('a host without a network, and a page that nobody sees, is no mistake', () => {
    for (const there of [
      { ...around, online: false },
      { ...around, visible: false },
    ])
      expect(
        troubleAfter({ kind: 'connecting', attempt: 9, refreshed: false }, events.lost, there),
      ).toEqual({
        reason: 'offline',
        attempt: 9,
        isStuck: false,
      });
  });
});

test('whatever happens, there is one socket at most, and closing is final', () => {
  const anyEvent = fc.oneof(
    ...Object.values(events).map((event) => fc.constant(event)),
    fc.integer({ min: 1000, max: 4999 }).map((code): ConnectionEvent => ({ type: 'lost', code })),
  );
  const page = fc.record({ online: fc.boolean(), visible: fc.boolean() });
  fc.assert(
    fc.property(fc.array(fc.tuple(anyEvent, page), { maxLength: 200 }), (steps) => {
      let state: ConnectionState = { kind: 'idle' };
      let isClosed = false;
      for (const [event, there] of steps) {
        const before = state;
        const { state: next, deadlineMs } = transition(state, event, { ...around, ...there });
        state = next;
        const isEntered = next.kind !== before.kind;
        // One is opened where there was none, and what is said to it is said to that one.
        if (isEntered && next.kind === 'connecting') expect(before.kind).toBe('authorizing');
        else if (isEntered && takes(next, 'lost')) expect(takes(before, 'lost')).toBe(true);
        // In both of these something is waited for that may not come by itself.
        if (isEntered && ['authorizing', 'backoff'].includes(next.kind))
          expect(deadlineMs).toBeTypeOf('number');
        if (event.type === 'close') isClosed = true;
        if (isClosed) expect(next.kind).toBe('closed');
        if ('attempt' in next) expect(next.attempt).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: 1_000, seed: 7 },
  );
});
