import { defaultLimits, HoldfastError } from '@holdfast/protocol';
import { expect, it, onTestFinished, vi } from 'vitest';
import { systemEnvironment } from '../../src/environment.ts';
import { keepLease } from '../../src/runs/lease.ts';
import { LeaseBeats } from '../../src/runs/lease-beats.ts';
import { noticeOf } from '../../src/runs/noticed.ts';

it('HF-RUN-12: a lease costs one command in 5 s, and is renewed in time though two of them are lost', async () => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const renew = vi.fn(async () => ({ kind: 'held' as const, cancelled: false }));
  const [onCancelled, onLost] = [vi.fn(), vi.fn()];
  const lease = keepLease({
    log: { renew } as never,
    session: 's',
    run: 'r',
    attempt: 1,
    limits: defaultLimits,
    environment: systemEnvironment,
    onCancelled,
    onLost,
  });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(renew.mock.calls.length).toBeLessThanOrEqual(60_000 / 5_000);
  expect(60_000 / renew.mock.calls.length).toBeLessThanOrEqual(defaultLimits.leaseMs / 3);
  lease.release();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(renew).toHaveBeenCalledTimes(12);
  expect(onCancelled).not.toHaveBeenCalled();
  expect(onLost).not.toHaveBeenCalled();
});

it('HF-RUN-15: whoever renews a lease that may have run out takes back that its run was found lost', async () => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  let isAway = false;
  const renew = async () => {
    if (isAway) throw new HoldfastError('unavailable', 'unable to renew: the log is away');
    return { kind: 'held' as const, cancelled: false };
  };
  const claim = vi.fn(async () => ({ kind: 'held' as const }));
  const [onCancelled, onLost] = [vi.fn(), vi.fn()];
  const lease = keepLease({
    log: { renew, claim } as never,
    session: 's',
    run: 'r',
    attempt: 1,
    limits: defaultLimits,
    environment: { ...systemEnvironment, now: () => Date.now() },
    onCancelled,
    onLost,
  });
  onTestFinished(lease.release);
  const pass = async (awayMs: number) => {
    isAway = true;
    await vi.advanceTimersByTimeAsync(awayMs);
    isAway = false;
    await vi.advanceTimersByTimeAsync(30_000);
  };
  await pass(0);
  await pass(9_000);
  expect(claim).not.toHaveBeenCalled();
  await pass(20_000);
  expect(claim.mock.calls).toEqual([['s', { ...noticeOf('r', 2), leaseMs: 0 }]]);
});

it('HF-RUN-12: leases of many runs are renewed 32 in one turn, each in time, and no run outlives its release', () => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const beats = new LeaseBeats();
  const renewed: { readonly run: number; readonly at: number }[] = [];
  const join = (run: number, everyMs = 5_000) =>
    beats.join(systemEnvironment, everyMs, () => renewed.push({ run, at: Date.now() }));
  const begun = Date.now();
  const leave = Array.from({ length: 70 }, (_, run) => join(run));
  expect(vi.getTimerCount()).toBe(3);
  vi.advanceTimersByTime(3_000);
  leave.push(join(70));
  // Another length is another beat.
  leave.push(join(71, 1_000));
  expect(vi.getTimerCount()).toBe(4);
  vi.advanceTimersByTime(2_000);
  expect(renewed.filter(({ at }) => at < begun + 5_000)).toEqual([{ run: 71, at: begun + 4_000 }]);
  expect(new Set(renewed.map(({ run }) => run)).size).toBe(72);
  for (const each of leave.slice(1)) each();
  renewed.length = 0;
  vi.advanceTimersByTime(5_000);
  expect(renewed).toEqual([{ run: 0, at: begun + 10_000 }]);
  leave[0]?.();
  expect(vi.getTimerCount()).toBe(0);
});

it('HF-RUN-12: 32 leases are of one turn, the next is of another, and one that begins behind the last is renewed too', () => {
  const beats: { readonly everyMs: number; readonly act: () => void; isOver: boolean }[] = [];
  const options: unknown[] = [];
  const every = (everyMs: number, act: () => void, how: unknown) => {
    const beat = { everyMs, act, isOver: false };
    beats.push(beat);
    options.push(how);
    return () => {
      beat.isOver = true;
    };
  };
  const shared = new LeaseBeats();
  let renewed = 0;
  const join = () => shared.join({ every }, 5_000, () => renewed++);
  const leave = Array.from({ length: 32 }, join);
  expect(beats).toHaveLength(1);
  leave.push(join());
  expect(beats).toHaveLength(2);
  for (const each of leave) each();
  expect(beats.map(({ isOver }) => isOver)).toEqual([true, true]);
  join();
  for (const { act, isOver } of beats) if (!isOver) act();
  expect(renewed).toBe(1);
  // A run is reason enough for a process to stay alive.
  expect(options).toEqual([{ ref: true }, { ref: true }, { ref: true }]);
});

it('HF-RUN-12: who looks while a lease is renewed is answered by another renewal, one for all who do', async () => {
  const answers: ((cancelled: boolean) => void)[] = [];
  const renew = vi.fn(
    () =>
      new Promise((resolve) => {
        answers.push((cancelled) => resolve({ kind: 'held', cancelled }));
      }),
  );
  const [onCancelled, onLost] = [vi.fn(), vi.fn()];
  const lease = keepLease({
    log: { renew } as never,
    session: 's',
    run: 'r',
    attempt: 1,
    limits: defaultLimits,
    environment: systemEnvironment,
    onCancelled,
    onLost,
  });
  onTestFinished(lease.release);
  for (let looks = 0; looks < 3; looks++) lease.look();
  expect(renew).toHaveBeenCalledTimes(1);
  // From before the stop that is looked for.
  answers[0]?.(false);
  await vi.waitFor(() => expect(renew).toHaveBeenCalledTimes(2));
  answers[1]?.(true);
  await vi.waitFor(() => expect(onCancelled).toHaveBeenCalledTimes(1));
  lease.look();
  expect(renew).toHaveBeenCalledTimes(3);
  lease.look();
  lease.release();
  answers[2]?.(true);
  await new Promise(setImmediate);
  expect(renew).toHaveBeenCalledTimes(3);
  expect(onCancelled).toHaveBeenCalledTimes(1);
  expect(onLost).not.toHaveBeenCalled();
});
