import { expect, it, vi } from 'vitest';
import type { SessionLog } from '../session-log.ts';
import {
  bodiesOf,
  cancelRun,
  entry,
  longMs,
  newSession,
  sendOf,
  startRun,
  type Topic,
} from './kit.ts';

const reap = (log: SessionLog, session: string, attempt = 1): Promise<boolean> =>
  log.reap(session, { run: 'r1', attempt, entry: entry('lost') });

const leaseRunsOut = (log: SessionLog, session: string): Promise<void> =>
  vi.waitFor(async () => expect((await log.head(session))?.runs[0]?.leased).toBe(false));

export function leases({ make }: Topic): void {
  it('HF-RUN-5: a run whose lease has run out is ended as lost, once', async () => {
    const log = await make();
    const { session, append } = await startRun(log, { leaseMs: 5 });
    await leaseRunsOut(log, session);
    const reaped = await Promise.all(Array.from({ length: 10 }, () => reap(log, session)));
    expect(reaped.filter(Boolean)).toHaveLength(1);
    expect((await bodiesOf(log, session)).slice(2)).toEqual(['lost']);
    expect(await append(1)).toEqual({ kind: 'closed' });
    expect(await cancelRun(log, session, 'r1')).toEqual({ state: 'finished', run: 'r1' });
    expect(await log.send(session, sendOf('c1', 'r1'))).toMatchObject({ run: { state: 'lost' } });
  });

  it('HF-RUN-5: a run that is leased is not reaped', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    expect(await reap(log, session)).toBe(false);
    expect(await append(1)).toMatchObject({ kind: 'appended' });
    expect(await bodiesOf(log, session)).not.toContain('lost');
  });

  it('HF-RUN-5: a renewal keeps the run, also one that comes late but before the reaper', async () => {
    const log = await make();
    const { session } = await startRun(log, { leaseMs: 5 });
    await leaseRunsOut(log, session);
    expect(await log.renew(session, { run: 'r1', attempt: 1, leaseMs: longMs })).toEqual({
      kind: 'held',
      cancelled: false,
    });
    expect((await log.head(session))?.runs).toMatchObject([{ leased: true }]);
    expect(await reap(log, session)).toBe(false);
  });

  it('HF-RUN-5: whoever saw another attempt without a lease reaps nothing', async () => {
    const log = await make();
    const { session } = await startRun(log, { leaseMs: 5 });
    await leaseRunsOut(log, session);
    await log.renew(session, { run: 'r1', attempt: 2, leaseMs: 5 });
    await leaseRunsOut(log, session);
    expect(await reap(log, session, 1)).toBe(false);
    expect(await reap(log, session, 2)).toBe(true);
  });

  it('HF-RUN-5: nothing is reaped where nothing runs', async () => {
    const log = await make();
    const { session, append } = await startRun(log, { leaseMs: 5 });
    await append(1, { end: 'finished' });
    expect(await reap(log, session)).toBe(false);
    expect(await reap(log, newSession())).toBe(false);
    expect((await bodiesOf(log, session)).at(-1)).toBe('chunk 1');
  });
}
