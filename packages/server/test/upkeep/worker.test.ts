import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { createWorkers } from '../../src/upkeep/worker.ts';
import { gated, turn, workerOn } from '../support/background.ts';
import { manualTime } from '../support/manual-time.ts';

describe('a background worker', () => {
  it('HF-RUN-26: does its work in a context that is nobody’s', async () => {
    const { worker, time } = workerOn();
    const user = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const look = () => seen.push(user.getStore());
    user.run('u', () => {
      void worker.track(look);
      worker.every(1_000, look);
      worker.after(1_000, look);
      time.pass(1_000);
    });
    await worker.close();
    expect(seen).toEqual([undefined, undefined, undefined]);
  });

  it('reports what fails, with whose it was, and goes on', async () => {
    const { worker, reports, time } = workerOn();
    const fail = (why: string) => () => {
      throw new Error(why);
    };
    await worker.track(fail('now'), { session: 's' });
    worker.after(5, fail('later'), { session: 't' });
    worker.every(10, fail('again'));
    time.pass(20);
    await worker.close();
    expect(reports).toEqual([
      ['now', { session: 's' }],
      ['later', { session: 't' }],
      ['again', {}],
      ['again', {}],
    ]);
  });

  it('waits for what is under way when it closes, and leaves no timer behind', async () => {
    const { worker, time } = workerOn();
    const { pass, end } = gated();
    let isClosed = false;
    void worker.track(pass);
    worker.every(1_000, pass);
    worker.after(2_000, pass);
    expect(time.timers).toBe(2);
    const closed = worker.close().then(() => {
      isClosed = true;
    });
    expect(time.timers).toBe(0);
    await turn();
    expect(isClosed).toBe(false);
    await end();
    await closed;
    worker.every(1_000, pass);
    worker.after(1_000, pass);
    expect(time.timers).toBe(0);
  });

  it('has a timer no longer that went off, or was cancelled', () => {
    const { worker, time } = workerOn();
    let times = 0;
    const count = () => times++;
    worker.after(10, count);
    const cancelled = worker.after(10, count);
    const every = worker.every(10, count);
    cancelled();
    time.pass(20);
    expect(times).toBe(3);
    every();
    expect(time.timers).toBe(0);
  });

  it('gives each of its timers back once, so that none is kept that is over', async () => {
    const time = manualTime();
    const ends: string[] = [];
    const spied = (name: string, end: () => void) => () => {
      ends.push(name);
      end();
    };
    const { after, every } = time.environment;
    const environment = {
      ...time.environment,
      after: (ms: number, act: () => void) => spied(`after ${ms}`, after(ms, act)),
      every: (ms: number, act: () => void) => spied(`every ${ms}`, every(ms, act)),
    };
    const { worker } = workerOn({ ...time, environment });
    worker.after(1, () => {});
    worker.after(2, () => {})();
    worker.every(3, () => {})();
    worker.after(4, () => {});
    worker.every(5, () => {});
    time.pass(1);
    expect(ends.sort()).toEqual(['after 1', 'after 2', 'every 3']);
    await worker.close();
    expect(ends.sort()).toEqual(['after 1', 'after 2', 'after 4', 'every 3', 'every 5']);
  });
});

it('a process knows how much is under way in all of its workers, and no more of what is done', async () => {
  const { worker, underWay } = createWorkers({
    environment: manualTime().environment,
    report: () => {},
  });
  const [one, two] = [worker(), worker()];
  const [first, second] = [gated(), gated()];
  const fails = one.track(() => Promise.reject(new Error('no')));
  const done = one.track(first.pass);
  void two.track(second.pass);
  expect([one.underWay, two.underWay, underWay()]).toEqual([2, 1, 3]);
  await fails;
  expect(underWay()).toBe(2);
  await first.end();
  await done;
  expect([one.isOpen, one.underWay, underWay()]).toEqual([true, 0, 1]);
  await second.end();
  await two.close();
  expect([two.isOpen, underWay()]).toEqual([false, 0]);
});
