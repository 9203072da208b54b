import { defaultLimits } from '@holdfast/protocol';
import { expect, it, onTestFinished, vi } from 'vitest';
import { systemEnvironment } from '../../src/environment.ts';
import { keepLease } from '../../src/runs/lease.ts';

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
