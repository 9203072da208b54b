import { expect, it, vi } from 'vitest';
import {
  bodiesOf,
  cancelCommand,
  cancelRun,
  collect,
  entry,
  longMs,
  newSession,
  sendOf,
  startRun,
  type Topic,
} from './kit.ts';

export function deleting({ make }: Topic): void {
  it('HF-LOG-32: a deleted session is gone with its entries and runs', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    await append(1);
    expect(await log.delete(session)).toBe(true);
    expect(await log.head(session)).toBeNull();
    expect(await log.read(session, { after: null, limit: 10 })).toEqual({ kind: 'missing' });
    expect(await cancelRun(log, session, 'r1')).toEqual({ state: 'missing' });
    expect(await log.delete(session)).toBe(false);
  });

  it('HF-LOG-32: nothing is deleted where nothing is', async () => {
    const log = await make();
    expect(await log.delete(newSession())).toBe(false);
  });

  it('HF-LOG-32: writers that come late are closed and do not bring the session back', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    const last = entry('end of r2');
    const end = {
      run: 'r2',
      attempt: 1,
      seq: 1,
      entry: last,
      end: { outcome: 'finished' },
    } as const;
    await log.send(session, sendOf('c2', 'r2'));
    await log.append(session, end);
    await log.delete(session);
    expect(await append(1)).toEqual({ kind: 'closed' });
    expect(await append(0, { attempt: 2 })).toEqual({ kind: 'closed' });
    expect(await append(1, { end: 'finished' })).toEqual({ kind: 'closed' });
    expect(await log.append(session, end)).toEqual({ kind: 'closed' });
    expect(await log.renew(session, { run: 'r1', attempt: 1, leaseMs: longMs })).toEqual({
      kind: 'closed',
    });
    expect(await log.reap(session, { run: 'r1', attempt: 1, entry: entry('x') })).toBe(false);
    expect(await log.head(session)).toBeNull();
  });

  it('HF-LOG-32: a new session of the same name has another epoch and forgot the commands', async () => {
    const log = await make();
    const { session, epoch, append } = await startRun(log);
    await append(1);
    await log.delete(session);
    const sent = await log.send(session, sendOf('c1', 'r9'));
    expect(sent).toMatchObject({ kind: 'accepted', before: '0-0', run: { run: 'r9' } });
    expect(await bodiesOf(log, session)).toEqual(['message of c1', 'start of r9']);
    expect(await append(2)).toEqual({ kind: 'closed' });
    expect(await cancelRun(log, session, 'r1')).toEqual({ state: 'missing' });
    const after = { epoch, id: '1-1' };
    expect(await log.read(session, { after, limit: 1 })).toMatchObject({ why: 'epoch' });
  });

  it('HF-LOG-32: cancels that wait for a command are forgotten with the session', async () => {
    const log = await make();
    const { session } = await startRun(log);
    await cancelCommand(log, session, 'c2');
    await log.delete(session);
    expect(await log.send(session, sendOf('c2', 'r2'))).toMatchObject({
      run: { state: 'running' },
    });
  });

  it('HF-LOG-32: subscribers are told, and go on with a session made anew', async () => {
    const log = await make();
    const { session } = await startRun(log);
    const deliveries = await collect(log, session);
    await log.delete(session);
    await log.send(session, sendOf('c1'));
    await vi.waitFor(() => expect(deliveries).toHaveLength(3));
    expect(deliveries).toMatchObject([
      { kind: 'deleted' },
      { kind: 'entry', prev: '0-0', body: 'message of c1' },
      { kind: 'entry', body: 'start of undefined' },
    ]);
  });
}
