import { describe, expect, test } from 'vitest';
import { isOnWire, type SessionEvent, type SessionState, table } from '../../src/session/state.ts';

const events: readonly SessionEvent[] = [
  'want',
  'unwant',
  'greet',
  'lost',
  'replay',
  'snapshot',
  'part',
  'snap',
  'entry',
  'live',
  'break',
  'retry',
  'refuse',
  'closed',
];

/** What each event leads to, in the order above: o off, d detached, s subscribing, l loading, r replaying, v live, b broken, x refused, - nothing. */
const expected: { readonly [STATE in SessionState]: string } = {
  off: 'd - - - - - - - - - - - - -',
  detached: '- o s d - - - - - - d - x -',
  subscribing: '- o - d r l - - - - b - x x',
  loading: '- o - d - - l r - - b - x x',
  replaying: '- o - d - - l r r v b - x x',
  live: '- o - d - - l v v v b - x x',
  broken: '- o - d - - - - - - b d x -',
  refused: 'd o - - - - - - - - - - x -',
};

const letters: Readonly<Record<string, SessionState | undefined>> = {
  o: 'off',
  d: 'detached',
  s: 'subscribing',
  l: 'loading',
  r: 'replaying',
  v: 'live',
  b: 'broken',
  x: 'refused',
};

const states = Object.keys(expected) as readonly SessionState[];

describe.each(states)('a session that is %s', (state) => {
  const row = expected[state].trim().split(' ');

  test.each(events.map((event, at) => [event, letters[row[at] ?? '']] as const))(
    'goes, on %s, to %s',
    (event, next) => {
      expect(row).toHaveLength(events.length);
      expect(table[state][event]).toBe(next);
    },
  );
});

test('the table knows no state and no event beside these', () => {
  expect(Object.keys(table).sort()).toEqual([...states].sort());
  expect(new Set(Object.values(table).flatMap((row) => Object.keys(row)))).toEqual(new Set(events));
});

test('every state is reached, and from every one the session can be left alone', () => {
  const reached = new Set<SessionState>(['off']);
  for (const state of reached)
    for (const next of Object.values(table[state])) reached.add(next as SessionState);
  expect([...reached].sort()).toEqual([...states].sort());
  for (const state of states) expect(table[state].unwant ?? state).toBe('off');
});

test('the socket is told of a session only while it sends what is written there', () => {
  expect(states.filter(isOnWire)).toEqual(['subscribing', 'loading', 'replaying', 'live']);
});

test('a socket that is lost, and a refusal, are for every state in which the session is wanted', () => {
  for (const state of states) {
    const isWanted = state !== 'off' && state !== 'refused';
    expect(table[state].lost).toBe(isWanted ? 'detached' : undefined);
    expect(table[state].refuse).toBe(state === 'off' ? undefined : 'refused');
    expect(table[state].want).toBe(isWanted ? undefined : 'detached');
  }
});
