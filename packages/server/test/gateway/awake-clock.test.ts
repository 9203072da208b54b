import { expect, it } from 'vitest';
import { AwakeClock } from '../../src/gateway/awake-clock.ts';

it('HF-CONN-13: the clock of silence leaves out what is longer than a look apart, and nothing else', () => {
  let time = 1_000;
  const clock = new AwakeClock(() => time, 2_000);
  const after = (ms: number) => {
    time += ms;
    return clock.now();
  };
  expect([after(0), after(1_000), after(2_000)]).toEqual([1_000, 2_000, 4_000]);
  expect(clock.hasSlept()).toBe(false);
  expect(after(40_000)).toBe(6_000);
  expect([clock.hasSlept(), clock.hasSlept()]).toEqual([true, false]);
  expect(after(500)).toBe(6_500);
  expect(clock.hasSlept()).toBe(false);
  time += 2_001;
  expect([clock.hasSlept(), clock.now()]).toEqual([true, 8_500]);
  // One that was set back is none that stood still.
  expect(after(-3_000)).toBe(5_500);
  expect(clock.hasSlept()).toBe(false);
});
