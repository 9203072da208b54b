import { expect, it } from 'vitest';
import { bodiesOf, entry, headOf, longMs, newSession, startRun, type Topic } from './kit.ts';

export function fencing({ make }: Topic): void {
  it('HF-LOG-3: an append of a lower attempt is fenced and changes nothing', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    await append(1);
    expect(await append(0, { attempt: 2 })).toMatchObject({ kind: 'appended' });
    const before = await headOf(log, session);
    expect(await append(2, { attempt: 1 })).toEqual({ kind: 'fenced' });
    expect(await append(2, { attempt: 1, end: 'finished' })).toEqual({ kind: 'fenced' });
    expect(await log.renew(session, { run: 'r1', attempt: 1, leaseMs: longMs })).toEqual({
      kind: 'fenced',
    });
    expect(await headOf(log, session)).toEqual(before);
  });

  it('HF-LOG-2: a higher attempt numbers its entries from 0, and takes over with the first', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    await append(1);
    expect(await append(2, { attempt: 2 })).toEqual({ kind: 'gap', expected: 0 });
    expect((await headOf(log, session))?.runs[0]?.attempt).toBe(1);
    expect(await append(2)).toMatchObject({ kind: 'appended' });
    expect(await append(0, { attempt: 2 })).toMatchObject({ kind: 'appended' });
    expect((await headOf(log, session))?.runs[0]?.attempt).toBe(2);
    expect(await append(1, { attempt: 2 })).toMatchObject({ kind: 'appended' });
  });

  it('HF-LOG-3: renewing the lease of a higher attempt takes over as well', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    const claim = { run: 'r1', attempt: 2, leaseMs: longMs };
    expect(await log.renew(session, claim)).toEqual({ kind: 'held', cancelled: false });
    expect(await append(1)).toEqual({ kind: 'fenced' });
    expect(await append(1, { attempt: 2 })).toEqual({ kind: 'gap', expected: 0 });
  });

  it('HF-LOG-3: an append to a run that has ended is closed and changes nothing', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    await append(1, { end: 'finished' });
    const before = await headOf(log, session);
    expect(before?.runs).toEqual([]);
    for (const attempt of [1, 2])
      for (const seq of [0, 1, 2])
        expect(await append(seq, { attempt, entry: entry('late') })).toEqual({ kind: 'closed' });
    expect(await append(2, { end: 'failed' })).toEqual({ kind: 'closed' });
    expect(await log.renew(session, { run: 'r1', attempt: 1, leaseMs: longMs })).toEqual({
      kind: 'closed',
    });
    expect(await headOf(log, session)).toEqual(before);
    expect(await bodiesOf(log, session)).not.toContain('late');
  });

  it('a run that nobody started is unknown', async () => {
    const log = await make();
    const { session } = await startRun(log);
    for (const name of [session, newSession()]) {
      const append = { run: 'other', attempt: 1, seq: 1, entry: entry('x') };
      expect(await log.append(name, append)).toEqual({ kind: 'unknown' });
      expect(await log.renew(name, { run: 'other', attempt: 1, leaseMs: longMs })).toEqual({
        kind: 'unknown',
      });
    }
  });

  it('an unknown run does not make a session', async () => {
    const log = await make();
    const session = newSession();
    await log.append(session, { run: 'r1', attempt: 1, seq: 1, entry: entry('x') });
    expect(await headOf(log, session)).toBeNull();
  });
}
