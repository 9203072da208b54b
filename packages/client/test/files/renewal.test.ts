import { expect, test } from 'vitest';
import { createRenewal } from '../../src/files/renewal.ts';
import { manualClock } from '../support/clock.ts';

function played() {
  const closing = new AbortController();
  const told: string[] = [];
  const clock = manualClock();
  const renew = createRenewal({
    environment: clock.environment,
    signal: closing.signal,
    session: (id) => ({
      acts: new Set(),
      move: () => {},
      startOver: () => {
        told.push(id);
      },
    }),
  });
  return { clock, closing, told, renew };
}

test('HF-FILE-8 a session is told anew before its addresses end, the oldest of them', () => {
  const { clock, told, renew } = played();
  renew('s1', 'u=3600000&p=u&s=x');
  renew('s1', 'p=u&u=7200000&s=x');
  renew('s2', 'u=7200000&s=x');
  expect(clock.due).toEqual([3_240_000, 6_480_000]);
  clock.advance(3_240_000);
  expect(told).toEqual(['s1']);
  renew('s1', 'u=6840000&s=x');
  clock.advance(3_240_000);
  expect(told.toSorted()).toEqual(['s1', 's1', 's2']);
});

test.each([
  ['an address that has ended by the clock of the page', 'u=5', [600_000]],
  ['one that holds for months', 'u=9999999999', [86_400_000]],
  ['a query that is no signature', 's=5', []],
])('HF-FILE-8 %s', (_, query, due) => {
  const { clock, renew } = played();
  renew('s1', query);
  expect(clock.due).toEqual(due);
});

test('HF-FILE-8 nothing is told anew behind the end of the transport', () => {
  const { clock, closing, renew } = played();
  renew('s1', 'u=3600000');
  closing.abort();
  expect(clock.due).toEqual([]);
  renew('s2', 'u=3600000');
  expect(clock.due).toEqual([]);
});
