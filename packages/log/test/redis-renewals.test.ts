import { expect, it } from 'vitest';
import { Renewals } from '../src/redis/renewals.ts';

it('a run that nothing is known of is due, and one that was renewed is due again when the time is over', () => {
  const renewals = new Renewals(200);
  expect(renewals.isDue('s', 'a', 0)).toBe(true);
  renewals.renewed('s', 'a', 1_000);
  expect([1_000, 1_199, 1_200].map((now) => renewals.isDue('s', 'a', now))).toEqual([
    false,
    false,
    true,
  ]);
});

it('each run of each session has a time of its own', () => {
  const renewals = new Renewals(200);
  renewals.renewed('s', 'a', 0);
  renewals.renewed('s', 'b', 100);
  expect(renewals.isDue('s', 'a', 250)).toBe(true);
  expect(renewals.isDue('s', 'b', 250)).toBe(false);
  expect(renewals.isDue('t', 'a', 0)).toBe(true);
});

it('a run that has ended is forgotten, and the others of its session are not', () => {
  const renewals = new Renewals(200);
  renewals.forget('s', 'a');
  renewals.renewed('s', 'a', 0);
  renewals.renewed('s', 'b', 0);
  renewals.forget('s', 'a');
  expect(['a', 'b'].map((run) => renewals.isDue('s', run, 0))).toEqual([true, false]);
  renewals.forget('s', 'b');
  expect(renewals.isDue('s', 'b', 0)).toBe(true);
});

it('where there is no time in which a renewal is as good as a new one, each is due', () => {
  const renewals = new Renewals(0);
  renewals.renewed('s', 'a', 5);
  expect(renewals.isDue('s', 'a', 5)).toBe(true);
});

it('no more is known than of ten thousand sessions, nor of as many runs in one, and the newest are', () => {
  const renewals = new Renewals(200);
  for (let at = 0; at < 10_000; at++) renewals.renewed(`session ${at}`, 'a', 0);
  renewals.renewed('session 0', 'a', 100);
  expect(renewals.isDue('session 1', 'a', 100)).toBe(false);
  renewals.renewed('one more', 'a', 100);
  expect(['one more', 'session 1'].map((name) => renewals.isDue(name, 'a', 100))).toEqual([
    false,
    true,
  ]);
  for (let at = 0; at <= 10_000; at++) renewals.renewed('one more', `run ${at}`, 100);
  expect(['run 10000', 'run 1'].map((run) => renewals.isDue('one more', run, 100))).toEqual([
    false,
    true,
  ]);
});
