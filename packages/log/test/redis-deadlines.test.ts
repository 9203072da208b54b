import { expect, it } from 'vitest';
import { Deadlines } from '../src/redis/deadlines.ts';
import { isTimeout } from '../src/redis/watchdog.ts';

/** Time that goes on when it is told to, and the timers that are due then. */
function clock() {
  let now = 0;
  let timers: { readonly at: number; readonly act: () => void }[] = [];
  return {
    now: () => now,
    timers: {
      after: (ms: number, act: () => void) => {
        timers.push({ at: now + ms, act });
        return () => {};
      },
    },
    get armed() {
      return timers.length;
    },
    pass(ms: number) {
      now += ms;
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      for (const { act } of due) act();
    },
  };
}

function deadlines() {
  const time = clock();
  const each = new Deadlines({ ms: 100, now: time.now, timers: time.timers });
  /** A command that is under way, and how it came out. */
  const begin = () => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const outcome = each.within(promise).catch((error: unknown) => error);
    return { outcome, resolve, reject };
  };
  return { time, begin };
}

it('what comes out in time comes out as it is', async () => {
  const { begin } = deadlines();
  const [well, badly] = [begin(), begin()];
  well.resolve('done');
  badly.reject('broken');
  expect(await well.outcome).toBe('done');
  expect(await badly.outcome).toBe('broken');
});

it('HF-LOG-4: each command has its own time, by one timer', async () => {
  const { time, begin } = deadlines();
  const first = begin();
  time.pass(60);
  const second = begin();
  const third = begin();
  expect(time.armed).toBe(1);
  third.resolve('done');
  time.pass(40);
  expect(isTimeout(await first.outcome)).toBe(true);
  time.pass(59);
  expect(time.armed).toBe(1);
  time.pass(1);
  expect(isTimeout(await second.outcome)).toBe(true);
  expect(await third.outcome).toBe('done');
  // Late, and nobody waits for it any more.
  second.resolve('late');
});

it('no timer is left where nothing is under way, and the next command has one again', async () => {
  const { time, begin } = deadlines();
  const first = begin();
  first.resolve('done');
  await first.outcome;
  time.pass(100);
  expect(time.armed).toBe(0);
  const next = begin();
  expect(time.armed).toBe(1);
  time.pass(100);
  expect(isTimeout(await next.outcome)).toBe(true);
});
