import { expect, it } from 'vitest';
import { Reach } from '../src/redis/reach.ts';
import { returnMs } from '../src/redis/settings.ts';

function setUp() {
  let at = 1_000;
  const reach = new Reach(() => at);
  const pass = (ms: number) => {
    at += ms;
  };
  return { reach, pass };
}

it('HF-LOG-24: who has come to a Redis that was never away from it waits for the grace', () => {
  const { reach, pass } = setUp();
  pass(500);
  reach.connected();
  expect(reach.leftMs(300)).toBe(300);
  pass(300);
  reach.answered();
  expect(reach.leftMs(300)).toBe(0);
});

it('HF-LOG-24: who has not come to Redis yet waits for the grace as well, from its own beginning', () => {
  const { reach, pass } = setUp();
  expect(reach.leftMs(300)).toBe(300);
  pass(100);
  expect(reach.leftMs(300)).toBe(200);
});

it('HF-LOG-24: after an outage it is as long as others may need, counted from the first answer', () => {
  const { reach, pass } = setUp();
  reach.connected();
  pass(60_000);
  reach.failed();
  pass(30_000);
  reach.answered();
  expect(reach.leftMs(300)).toBe(returnMs);
  pass(1_000);
  reach.answered();
  expect(reach.leftMs(300)).toBe(returnMs - 1_000);
  expect(reach.leftMs(2 * returnMs)).toBe(2 * returnMs - 1_000);
  pass(returnMs);
  expect(reach.leftMs(300)).toBe(-1_000);
});

it('HF-LOG-24: who finds no Redis at its own beginning does not know for how long it is away', () => {
  const { reach, pass } = setUp();
  reach.failed();
  pass(10);
  reach.connected();
  expect(reach.leftMs(300)).toBe(returnMs);
});

it('HF-LOG-24: each further outage begins the wait anew', () => {
  const { reach, pass } = setUp();
  for (let outage = 0; outage < 3; outage++) {
    reach.failed();
    pass(100);
    reach.connected();
    expect(reach.leftMs(300)).toBe(returnMs);
    pass(2_000);
  }
});
