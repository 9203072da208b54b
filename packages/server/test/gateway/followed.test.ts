import { expect, it } from 'vitest';
import { Followed } from '../../src/gateway/followed.ts';
import type { Subscription } from '../../src/gateway/subscription.ts';

const of = (session: string) => ({ session }) as Subscription;

function followed(...sessions: readonly string[]): Followed {
  const made = new Followed();
  for (const session of sessions) made.add(of(session));
  return made;
}

const names = (made: Followed): string[] => made.all.map(({ session }) => session);

it.each([0, 1, 2, 3])('finds each of %i', (count) => {
  const sessions = Array.from({ length: count }, (_, at) => `s${at}`);
  const made = followed(...sessions);
  expect([made.size, names(made)]).toEqual([count, sessions]);
  for (const session of sessions) expect(made.of(session)).toEqual({ session });
  expect(made.of('other')).toBeUndefined();
});

it.each([1, 2, 3])('takes off each of %i, and is as it was at first then', (count) => {
  const sessions = Array.from({ length: count }, (_, at) => `s${at}`);
  const made = followed(...sessions);
  expect(made.take('other')).toBeUndefined();
  for (const [at, session] of sessions.entries()) {
    expect(made.take(session)).toEqual({ session });
    expect(made.take(session)).toBeUndefined();
    expect(names(made)).toEqual(sessions.slice(at + 1));
  }
  expect(made.size).toBe(0);
  made.add(of('s0'));
  expect(names(made)).toEqual(['s0']);
});

it.each([1, 2])('has none behind clearing %i', (count) => {
  const made = followed(...['s0', 's1'].slice(0, count));
  made.clear();
  expect([made.size, names(made), made.of('s0')]).toEqual([0, [], undefined]);
});
