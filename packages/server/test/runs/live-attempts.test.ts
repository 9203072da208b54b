import { createMemoryLog, type LeaseCommand } from '@holdfast/log';
import { HoldfastError } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import { keepLease, type LeaseOptions } from '../../src/runs/lease.ts';
import { LiveAttempts } from '../../src/runs/live-attempts.ts';
import { turn } from '../support/background.ts';
import { changed } from '../support/logs.ts';
import { manualTime } from '../support/manual-time.ts';
import { run, session, start } from '../support/writing.ts';

const limits = { leaseMs: 15_000, retryForMs: 60_000 };

/** A run that the log has, what is asked of its lease, and how that is answered when it is told to. */
async function held() {
  const inner = createMemoryLog();
  await start(inner);
  const asked: LeaseCommand[] = [];
  const events: string[] = [];
  let answer = async () => {};
  const log = changed(inner, {
    renew: async (id, command) => {
      asked.push(command);
      await answer();
      return await inner.renew(id, command);
    },
  });
  const time = manualTime();
  const options = (more: Partial<LeaseOptions> = {}): LeaseOptions => ({
    ...{ log, session, run, attempt: 1, limits },
    environment: time.environment,
    onCancelled: () => events.push('cancelled'),
    onLost: () => events.push('lost'),
    ...more,
  });
  const cancel = () =>
    inner.cancel(session, { target: { run }, entry: () => ({ nonce: 9, body: '{}' }) });
  const answering = (next: () => Promise<void>) => {
    answer = next;
  };
  return { inner, asked, events, time, options, cancel, answering };
}

describe('HF-RUN-13: a lease', () => {
  it('is renewed one time after another, and once more for all who look meanwhile', async () => {
    const { asked, options, answering, events } = await held();
    const gate = Promise.withResolvers<void>();
    answering(() => gate.promise);
    const lease = keepLease(options());
    for (let looks = 0; looks < 3; looks++) lease.look();
    await turn();
    expect(asked).toEqual([{ run, attempt: 1, leaseMs: 15_000 }]);
    gate.resolve();
    await turn();
    expect(asked).toHaveLength(2);
    lease.look();
    await turn();
    expect(asked).toHaveLength(3);
    expect(events).toEqual([]);
    lease.release();
  });

  it('tells of a stop, and that another attempt has the run', async () => {
    const { inner, options, cancel, events } = await held();
    const lease = keepLease(options());
    await cancel();
    lease.look();
    await turn();
    expect(events).toEqual(['cancelled']);
    await inner.renew(session, { run, attempt: 2, leaseMs: 15_000 });
    lease.look();
    await turn();
    expect(events).toEqual(['cancelled', 'lost']);
    lease.release();
  });

  it('is not lost where the log does not know the run: it may have lost it', async () => {
    const { options, events, asked } = await held();
    const lease = keepLease(options({ run: 'another' }));
    lease.look();
    await turn();
    expect([asked.length, events]).toEqual([1, []]);
    lease.release();
  });

  it('is asked for again behind a failure of whatever kind', async () => {
    const { options, answering, asked, events } = await held();
    answering(() => Promise.reject(new HoldfastError('internal', 'unable to renew: broken')));
    const lease = keepLease(options());
    for (const times of [1, 2]) {
      lease.look();
      await turn();
      expect(asked).toHaveLength(times);
    }
    expect(events).toEqual([]);
    lease.release();
  });

  it('that was released is renewed no more, leaves no timer, and an answer that comes late says nothing', async () => {
    const { inner, options, answering, asked, events, time } = await held();
    const gate = Promise.withResolvers<void>();
    answering(() => gate.promise);
    const lease = keepLease(options());
    expect(time.timers).toBe(1);
    lease.look();
    await turn();
    await inner.renew(session, { run, attempt: 2, leaseMs: 15_000 });
    lease.release();
    expect(time.timers).toBe(0);
    gate.resolve();
    await turn();
    lease.look();
    await turn();
    expect([asked.length, events]).toEqual([1, []]);
  });

  it('that is released while the log is away is not asked for again', async () => {
    const { options, answering, asked, time } = await held();
    answering(() => Promise.reject(new HoldfastError('unavailable', 'unable to renew: away')));
    const lease = keepLease(options());
    lease.look();
    await turn();
    lease.release();
    time.pass(10_000);
    await turn();
    expect(asked).toHaveLength(1);
  });

  it('that is given up is the next one’s at once, and whether it was is told', async () => {
    const { inner, options, answering, asked, time } = await held();
    const lease = keepLease(options());
    await lease.giveUp();
    expect(asked.at(-1)).toEqual({ run, attempt: 1, leaseMs: 0 });
    expect((await inner.head(session))?.runs).toMatchObject([{ leased: false }]);
    expect(time.timers).toBe(0);
    answering(() => Promise.reject(new HoldfastError('unavailable', 'unable to renew: away')));
    await expect(keepLease(options()).giveUp()).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('the attempts that a process has', () => {
  it('are renewed when somebody looks for a run that is lost, and no others', async () => {
    const { options, asked } = await held();
    const attempts = new LiveAttempts();
    const lease = attempts.enter(options({ attempt: 2 }));
    expect(attempts.size).toBe(1);
    expect(attempts.renew(session, run, 2)).toBe(true);
    await turn();
    expect(attempts.renew(session, run, 1)).toBe(true);
    await turn();
    expect(asked).toHaveLength(2);
    expect(attempts.renew(session, run, 3)).toBe(false);
    expect(attempts.renew(session, 'r2', 1)).toBe(false);
    expect(attempts.renew('s2', run, 1)).toBe(false);
    await turn();
    expect(asked).toHaveLength(2);
    lease.release();
    expect(attempts.renew(session, run, 2)).toBe(false);
    expect(attempts.size).toBe(0);
  });

  it('take the place of each other: one renews a run, and the release of an earlier one changes nothing', async () => {
    const { options, time } = await held();
    const attempts = new LiveAttempts();
    const first = attempts.enter(options());
    const second = attempts.enter(options({ attempt: 2 }));
    expect([attempts.size, time.timers]).toEqual([1, 1]);
    first.release();
    expect(attempts.renew(session, run, 2)).toBe(true);
    second.release();
    expect([attempts.size, time.timers]).toEqual([0, 0]);
  });

  it('are held before they work for as long as the log may be away, unless they work already', async () => {
    const { options, time, cancel, asked, events } = await held();
    const attempts = new LiveAttempts();
    const { onCancelled: _, onLost: __, ...own } = options();
    const hold = attempts.hold(own);
    expect(attempts.hold(own)).toBe(hold);
    await cancel();
    attempts.renew(session, run, 1);
    await turn();
    expect([asked.length, events]).toEqual([1, []]);
    time.pass(limits.retryForMs - 1);
    expect(attempts.size).toBe(1);
    time.pass(1);
    expect([attempts.size, time.timers]).toEqual([0, 0]);
    const working = attempts.enter(options({ attempt: 2 }));
    expect(attempts.hold(own)).toBe(working);
    expect(attempts.hold({ ...own, attempt: 2 })).toBe(working);
    const next = attempts.hold({ ...own, attempt: 3 });
    expect(next).not.toBe(working);
    next.release();
    expect([attempts.size, time.timers]).toEqual([0, 0]);
  });

  it('HF-RUN-18: are left when it closes, once nothing more is written for them; those of engines are not', async () => {
    const { inner, options, events } = await held();
    const attempts = new LiveAttempts();
    expect(await attempts.giveUp(() => Promise.reject(new Error('nothing was left')))).toEqual([]);
    const mine = new LiveAttempts();
    mine.enter(options());
    mine.enter(options({ run: 'r2' }));
    mine.enter(options({ session: 's2', isEngines: true, onLost: () => events.push('engine’s') }));
    const settled = Promise.withResolvers<void>();
    const left = mine.giveUp(() => settled.promise);
    expect(events).toEqual(['lost', 'lost']);
    await turn();
    expect((await inner.head(session))?.runs).toMatchObject([{ leased: true }]);
    settled.resolve();
    expect(await left).toEqual([session]);
    expect((await inner.head(session))?.runs).toMatchObject([{ leased: false }]);
    // What comes late is lost as soon as it is there, but for an engine's.
    mine.enter(options({ run: 'r3' }));
    mine.enter(options({ run: 'r4', isEngines: true }));
    expect(events).toEqual(['lost', 'lost', 'lost']);
  });
});
