import { defaultLimits } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { SessionPresence } from '../../src/session/presence.ts';
import { costOf, growthOf, linear } from './cost.ts';

/** A hub with so many participants, and what it has told other hubs. */
function crowded(count: number) {
  let now = 0;
  let bytes = 0;
  const hub = new SessionPresence({
    id: 'h',
    limits: defaultLimits,
    now: () => now,
    signal: (text) => {
      bytes += text.length;
    },
  });
  const pass = (seconds: number) => {
    for (let at = 0; at < seconds; at++) {
      now += 1_000;
      hub.tick(now);
    }
  };
  const keys = Array.from({ length: count }, (_, at) => ({ id: `u${at}` }));
  const join = () => {
    for (const key of keys) hub.set(key, { ...key, role: 'user', info: { name: key.id } }, 'here');
  };
  const leave = () => {
    for (const key of keys) hub.leave(key);
  };
  return { hub, join, leave, pass, bytes: () => bytes };
}

it('HF-PRES-5: participants who do nothing cost the same however many they are', async () => {
  const cost = async (count: number) => {
    const { join, pass } = crowded(count);
    join();
    pass(2);
    return await costOf(() => pass(200));
  };
  // An hour of a session costs well under a second of a processor.
  expect(await cost(2_000)).toBeLessThan(200_000);
  expect(await growthOf(cost, 2_000, 1_000)).toBeLessThan(3);
});

it('HF-PRES-5: joining and leaving costs in proportion to those who do', async () => {
  const cost = async (count: number) => {
    const { join, leave, pass } = crowded(count);
    return await costOf(() => {
      join();
      pass(1);
      leave();
      pass(1);
    });
  };
  expect(await growthOf(cost, 1_000, 10_000)).toBeLessThan(linear);
});

it('HF-PRES-5: other hubs are told no more of 2,000 than of as many as are named', () => {
  const [few, many] = [crowded(defaultLimits.presenceMembers), crowded(2_000)];
  for (const { join, pass } of [few, many]) {
    join();
    pass(60);
  }
  expect(many.bytes()).toBeLessThan(few.bytes() * 1.5);
});
