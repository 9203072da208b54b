import { expect, it, vi } from 'vitest';
import type { SessionLog } from '../contract/session-log.ts';
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

const reap = async (log: SessionLog, session: string, attempt = 1): Promise<boolean> => {
  await log.suspect(session, { run: 'r1', attempt, graceMs: 0 });
  return await log.reap(session, { run: 'r1', attempt, graceMs: 0, entry: entry('lost') });
};

const leaseRunsOut = (log: SessionLog, session: string): Promise<void> =>
  vi.waitFor(async () => expect((await log.head(session))?.runs[0]?.leased).toBe(false));

export function leases(topic: Topic): void {
  reapingRuns(topic);
  holdingAnAttempt(topic);
  renewingByAppends(topic);
  suspectingRuns(topic);
  givingRunsUp(topic);
}

function reapingRuns({ make }: Topic): void {
  it('HF-RUN-12: a run whose lease has run out is ended as lost, once', async () => {
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

  it('HF-RUN-12: one that was asked to stop is remembered as stopped', async () => {
    const log = await make();
    const { session } = await startRun(log, { leaseMs: 5 });
    await cancelRun(log, session, 'r1');
    await leaseRunsOut(log, session);
    const reap = { run: 'r1', attempt: 1, graceMs: 0, entry: entry('stopped') } as const;
    await log.suspect(session, reap);
    expect(await log.reap(session, { ...reap, outcome: 'stopped' })).toBe(true);
    expect(await log.send(session, sendOf('c1', 'r1'))).toMatchObject({
      run: { state: 'stopped' },
    });
  });

  it('HF-RUN-12: a run that is leased is not reaped', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    // Asking does not make a run suspected while its lease holds, however often.
    for (let time = 0; time < 3; time++) expect(await reap(log, session)).toBe(false);
    expect(await append(1)).toMatchObject({ kind: 'appended' });
    expect(await bodiesOf(log, session)).not.toContain('lost');
  });

  it('HF-RUN-12: whoever looks is told how long the lease goes on', async () => {
    const log = await make();
    const { session } = await startRun(log);
    const left = async () => (await log.head(session))?.runs[0]?.leftMs;
    expect(await left()).toBeGreaterThan(longMs / 2);
    expect(await left()).toBeLessThanOrEqual(longMs);
    await log.renew(session, { run: 'r1', attempt: 1, leaseMs: 5 });
    expect(await left()).toBeLessThanOrEqual(5);
    await leaseRunsOut(log, session);
    expect(await left()).toBe(0);
  });

  it('HF-RUN-12: a renewal keeps the run, also one that comes late but before the reaper', async () => {
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

  it('HF-RUN-12: whoever saw another attempt without a lease reaps nothing', async () => {
    const log = await make();
    const { session } = await startRun(log, { leaseMs: 5 });
    await leaseRunsOut(log, session);
    await log.renew(session, { run: 'r1', attempt: 2, leaseMs: 5 });
    await leaseRunsOut(log, session);
    expect(await reap(log, session, 1)).toBe(false);
    expect(await reap(log, session, 2)).toBe(true);
  });

  it('HF-RUN-12: nothing is reaped where nothing runs', async () => {
    const log = await make();
    const { session, append } = await startRun(log, { leaseMs: 5 });
    await append(1, { end: 'finished' });
    expect(await reap(log, session)).toBe(false);
    expect(await reap(log, newSession())).toBe(false);
    expect((await bodiesOf(log, session)).at(-1)).toBe('chunk 1');
  });
}

function holdingAnAttempt({ make }: Topic): void {
  it('HF-LOG-22: an attempt has one holder, however many want it, and however late', async () => {
    const log = await make();
    const { session, append } = await startRun(log, { leaseMs: 5 });
    await leaseRunsOut(log, session);
    const take = (holder: string, attempt = 2) =>
      log.renew(session, { run: 'r1', attempt, leaseMs: 5, holder });
    const taken = await Promise.all(Array.from({ length: 10 }, (_, at) => take(`h${at}`)));
    const held = taken.flatMap(({ kind }, at) => (kind === 'held' ? [`h${at}`] : []));
    expect(held).toHaveLength(1);
    expect(taken.filter(({ kind }) => kind === 'fenced')).toHaveLength(9);
    await leaseRunsOut(log, session);
    // A process that comes when the lease has run out takes a higher attempt, and not this one.
    expect(await take('late')).toEqual({ kind: 'fenced' });
    expect(await take(held[0] ?? '')).toEqual({ kind: 'held', cancelled: false });
    expect(await append(0, { attempt: 2 })).toMatchObject({ kind: 'appended' });
    expect(await take('late', 3)).toMatchObject({ kind: 'held' });
    expect(await take(held[0] ?? '')).toEqual({ kind: 'fenced' });
  });

  it('HF-LOG-22: the first attempt can be taken as well, and a renewal need not name its holder', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    const lease = { run: 'r1', attempt: 1, leaseMs: longMs };
    expect(await log.renew(session, { ...lease, holder: 'a' })).toMatchObject({ kind: 'held' });
    expect(await log.renew(session, { ...lease, holder: 'b' })).toEqual({ kind: 'fenced' });
    expect(await log.renew(session, lease)).toMatchObject({ kind: 'held' });
    expect(await append(1)).toMatchObject({ kind: 'appended' });
    // An attempt that begins with its first entry has no holder yet.
    expect(await append(0, { attempt: 2 })).toMatchObject({ kind: 'appended' });
    const next = { ...lease, attempt: 2 };
    expect(await log.renew(session, { ...next, holder: 'b' })).toMatchObject({ kind: 'held' });
    expect(await log.renew(session, { ...next, holder: 'a' })).toEqual({ kind: 'fenced' });
  });

  it('HF-LOG-22: who waits for the lease to run out takes nothing before that', async () => {
    const log = await make();
    const { session, append } = await startRun(log, { leaseMs: longMs });
    const take = { run: 'r1', attempt: 2, leaseMs: longMs, holder: 'a', if: { lapsed: true } };
    expect(await log.renew(session, take)).toEqual({ kind: 'refused', why: 'leased' });
    expect(await append(1)).toMatchObject({ kind: 'appended' });
    await log.renew(session, { run: 'r1', attempt: 1, leaseMs: 5 });
    await leaseRunsOut(log, session);
    expect(await log.renew(session, take)).toMatchObject({ kind: 'held' });
    // Repeated because its outcome was not known: it is this one's lease that has not run out.
    expect(await log.renew(session, take)).toMatchObject({ kind: 'held' });
  });
}

function renewingByAppends({ make }: Topic): void {
  it('HF-LOG-23: an append renews the lease, and one that was written before as well', async () => {
    const log = await make();
    const { session, append } = await startRun(log, { leaseMs: 400 });
    const first = entry('chunk 1');
    const leased = async () => (await log.head(session))?.runs[0]?.leased;
    for (const given of [first, first]) {
      await leaseRunsOut(log, session);
      expect(await append(1, { entry: given })).toMatchObject({ cancelled: false });
      expect(await leased()).toBe(true);
    }
    await log.renew(session, { run: 'r1', attempt: 1, leaseMs: longMs });
    await append(2);
    expect((await log.head(session))?.runs[0]?.leftMs).toBeGreaterThan(longMs / 2);
  });

  it('HF-LOG-23: an append that changes nothing for another reason renews nothing', async () => {
    const log = await make();
    const { session, append } = await startRun(log, { leaseMs: 5 });
    expect(await append(0, { attempt: 2 })).toMatchObject({ kind: 'appended' });
    await leaseRunsOut(log, session);
    expect(await append(1)).toEqual({ kind: 'fenced' });
    expect(await append(7, { attempt: 2 })).toMatchObject({ kind: 'gap' });
    expect((await log.head(session))?.runs).toMatchObject([{ leased: false }]);
  });
}

function suspectingRuns({ make }: Topic): void {
  it('HF-LOG-24: a run is suspected before it is lost, and not reaped until then', async () => {
    const log = await make();
    const { session } = await startRun(log, { leaseMs: 5 });
    const suspect = (graceMs = longMs) => log.suspect(session, { run: 'r1', attempt: 1, graceMs });
    const end = (graceMs: number) =>
      log.reap(session, { run: 'r1', attempt: 1, graceMs, entry: entry('lost') });
    expect(await log.suspect(newSession(), { run: 'r1', attempt: 1, graceMs: 0 })).toEqual({
      kind: 'alive',
    });
    await leaseRunsOut(log, session);
    expect(await end(0)).toBe(false);
    const first = await suspect();
    expect(first).toMatchObject({ kind: 'suspected' });
    expect(first.kind === 'suspected' && first.leftMs).toBeGreaterThan(longMs / 2);
    expect(await end(longMs)).toBe(false);
    expect(await log.suspect(session, { run: 'r1', attempt: 2, graceMs: 0 })).toEqual({
      kind: 'alive',
    });
    await vi.waitFor(async () => expect(await suspect(50)).toEqual({ kind: 'lost' }), {
      interval: 10,
    });
    expect(await end(50)).toBe(true);
    expect(await suspect()).toEqual({ kind: 'alive' });
  });

  it.each(['append', 'repeated append', 'renew'] as const)(
    'HF-LOG-24: a suspicion ends with an %s, and begins anew when the lease runs out again',
    async (act) => {
      const log = await make();
      const { session, append } = await startRun(log, { leaseMs: 200 });
      const suspect = (graceMs: number) => log.suspect(session, { run: 'r1', attempt: 1, graceMs });
      if (act === 'repeated append') await append(1);
      await leaseRunsOut(log, session);
      await suspect(longMs);
      if (act !== 'renew') await append(1);
      else await log.renew(session, { run: 'r1', attempt: 1, leaseMs: 200 });
      expect(await suspect(0)).toEqual({ kind: 'alive' });
      await leaseRunsOut(log, session);
      // As long ago as the first mark, but not as the second.
      expect(await suspect(200)).toMatchObject({ kind: 'suspected' });
    },
  );

  it('HF-LOG-24: a mark that nobody has looked at for long is of before an outage', async () => {
    const log = await make();
    const { session } = await startRun(log, { leaseMs: 5 });
    await leaseRunsOut(log, session);
    const suspect = (graceMs: number) => log.suspect(session, { run: 'r1', attempt: 1, graceMs });
    await suspect(longMs);
    await vi.waitFor(async () =>
      expect((await suspect(longMs)).kind === 'suspected' && (await suspect(50))).toEqual({
        kind: 'lost',
      }),
    );
    // The same mark is too old for who looks every few milliseconds.
    expect(await suspect(10)).toMatchObject({ kind: 'suspected' });
  });
}

function givingRunsUp({ make }: Topic): void {
  it('HF-LOG-25: a run that is given up is lost at the next look, and subscribers are told to look', async () => {
    const log = await make();
    const { session } = await startRun(log);
    const kinds: string[] = [];
    await log.subscribe(session, ({ kind }) => kinds.push(kind));
    const lease = { run: 'r1', attempt: 1, leaseMs: 0 };
    expect(await log.renew(session, lease)).toEqual({ kind: 'held', cancelled: false });
    await vi.waitFor(() => expect(kinds).toContain('gap'));
    expect((await log.head(session))?.runs).toMatchObject([{ leased: false, leftMs: 0 }]);
    const look = { run: 'r1', attempt: 1, graceMs: longMs };
    for (let looks = 0; looks < 2; looks++)
      expect(await log.suspect(session, look)).toEqual({ kind: 'lost' });
    expect(await log.reap(session, { ...look, entry: entry('lost') })).toBe(true);
    expect(await log.renew(session, lease)).toEqual({ kind: 'closed' });
  });

  it.each(['append', 'renew', 'taken over'] as const)(
    'HF-LOG-25: a run that was given up is alive again when somebody has it: %s',
    async (act) => {
      const log = await make();
      const { session, append } = await startRun(log);
      await append(1);
      await log.renew(session, { run: 'r1', attempt: 1, leaseMs: 0 });
      const attempt = act === 'taken over' ? 2 : 1;
      const take = { run: 'r1', attempt, leaseMs: longMs, if: { lapsed: true } };
      if (act === 'append') await append(2);
      else expect(await log.renew(session, take)).toMatchObject({ kind: 'held' });
      const look = { run: 'r1', attempt, graceMs: 0 };
      expect(await log.suspect(session, look)).toEqual({ kind: 'alive' });
      expect((await log.head(session))?.runs[0]?.leftMs).toBeGreaterThan(longMs / 2);
    },
  );

  it('HF-LOG-25: only who has a run gives it up', async () => {
    const log = await make();
    const { session } = await startRun(log, { leaseMs: 5 });
    await leaseRunsOut(log, session);
    await log.renew(session, { run: 'r1', attempt: 2, leaseMs: longMs, holder: 'a' });
    const giveUp = { run: 'r1', leaseMs: 0 };
    expect(await log.renew(session, { ...giveUp, attempt: 1 })).toEqual({ kind: 'fenced' });
    const other = { ...giveUp, attempt: 2, holder: 'b' };
    expect(await log.renew(session, other)).toEqual({ kind: 'fenced' });
    expect((await log.head(session))?.runs).toMatchObject([{ leased: true }]);
  });
}
