import { expect, it } from 'vitest';
import type { ClaimOutcome } from '../contract/claims.ts';
import type { SessionLog } from '../contract/session-log.ts';
import { bodiesOf, longMs, newSession, startRun, type Topic } from './kit.ts';

const claim = (
  log: SessionLog,
  session: string,
  holder: string,
  { name = 'call 1', leaseMs = longMs } = {},
): Promise<ClaimOutcome> => log.claim(session, { name, holder, leaseMs });

/** Claims: what only one may do at a time. */
export function claiming({ make }: Topic): void {
  it('HF-LOG-26: of many who claim at once one gets it, and may ask again', async () => {
    const log = await make();
    const session = newSession();
    const holders = ['a', 'b', 'c', 'd'];
    const outcomes = await Promise.all(holders.map((each) => claim(log, session, each)));
    expect(outcomes.filter(({ kind }) => kind === 'held')).toHaveLength(1);
    for (const [at, outcome] of outcomes.entries()) {
      expect((await claim(log, session, holders[at] ?? '')).kind).toBe(outcome.kind);
      if (outcome.kind !== 'taken') continue;
      expect(outcome.leftMs).toBeGreaterThan(0);
      expect(outcome.leftMs).toBeLessThanOrEqual(longMs);
    }
  });

  it('HF-LOG-26: who holds it gives it up, and nobody else can', async () => {
    const log = await make();
    const session = newSession();
    await claim(log, session, 'a');
    expect(await claim(log, session, 'b', { leaseMs: 0 })).toMatchObject({ kind: 'taken' });
    expect(await claim(log, session, 'b')).toMatchObject({ kind: 'taken' });
    expect(await claim(log, session, 'a', { leaseMs: 0 })).toEqual({ kind: 'held' });
    expect(await claim(log, session, 'b')).toEqual({ kind: 'held' });
  });

  it('HF-LOG-26: it passes on when its time is over, and a renewal puts that off', async () => {
    const log = await make();
    const session = newSession();
    await claim(log, session, 'a', { leaseMs: 20 });
    await expect.poll(() => claim(log, session, 'b', { leaseMs: 20 })).toEqual({ kind: 'held' });
    expect(await claim(log, session, 'b')).toEqual({ kind: 'held' });
    const outcome = await claim(log, session, 'a');
    expect(outcome.kind === 'taken' && outcome.leftMs).toBeGreaterThan(1_000);
  });

  it('HF-LOG-26: names and sessions have claims of their own', async () => {
    const log = await make();
    const [session, other] = [newSession(), newSession()];
    await claim(log, session, 'a');
    expect(await claim(log, session, 'b', { name: 'call 2' })).toEqual({ kind: 'held' });
    expect(await claim(log, other, 'b')).toEqual({ kind: 'held' });
  });

  it('HF-LOG-26: a claim is no part of the session: it makes none, and writes nothing', async () => {
    const log = await make();
    const absent = newSession();
    await claim(log, absent, 'a');
    expect(await log.head(absent)).toBeNull();
    const { session } = await startRun(log);
    const before = await bodiesOf(log, session);
    await claim(log, session, 'a');
    expect(await bodiesOf(log, session)).toEqual(before);
  });
}
