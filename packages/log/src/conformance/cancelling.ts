import { expect, it } from 'vitest';
import {
  bodiesOf,
  cancelCommand,
  cancelRun,
  entry,
  longMs,
  newSession,
  sendOf,
  startRun,
  type Topic,
} from './kit.ts';

export function cancelling(topic: Topic): void {
  cancellingWhatIsThere(topic);
  cancellingWhatHasNotCome(topic);
}

function cancellingWhatIsThere({ make }: Topic): void {
  it('HF-FRM-4: cancelling many times, by run and by command, makes one entry', async () => {
    const log = await make();
    const { session } = await startRun(log);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        at % 2 ? cancelRun(log, session, 'r1') : cancelCommand(log, session, 'c1'),
      ),
    );
    for (const outcome of outcomes) expect(outcome).toEqual({ state: 'stopping', run: 'r1' });
    const cancels = (await bodiesOf(log, session)).filter((body) => body === 'cancel r1');
    expect(cancels).toHaveLength(1);
  });

  it('a writer learns of a cancel by the answers to its appends and renewals', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    await append(1);
    await cancelRun(log, session, 'r1');
    expect(await append(1)).toEqual({ kind: 'duplicate', cancelled: true });
    expect(await append(2)).toEqual({ kind: 'appended', cancelled: true });
    expect(await log.renew(session, { run: 'r1', attempt: 1, leaseMs: longMs })).toEqual({
      kind: 'held',
      cancelled: true,
    });
    expect((await log.head(session))?.runs).toMatchObject([{ run: 'r1', cancelled: true }]);
    const last = entry('end');
    expect(await append(3, { entry: last, end: 'stopped' })).toEqual({
      kind: 'appended',
      cancelled: true,
    });
    expect(await append(3, { entry: last, end: 'stopped' })).toEqual({
      kind: 'duplicate',
      cancelled: true,
    });
  });

  it('HF-FRM-4: a cancel that is too late is answered `finished` and changes nothing', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    await append(1, { end: 'finished' });
    const before = await log.head(session);
    expect(await cancelRun(log, session, 'r1')).toEqual({ state: 'finished', run: 'r1' });
    expect(await cancelCommand(log, session, 'c1')).toEqual({ state: 'finished', run: 'r1' });
    expect(await log.head(session)).toEqual(before);
  });

  it('HF-FRM-4: a cancel reaches no other run than the one it names', async () => {
    const log = await make();
    const { session } = await startRun(log);
    await log.send(session, sendOf('c2', 'r2'));
    await cancelCommand(log, session, 'c2');
    expect((await log.head(session))?.runs).toMatchObject([
      { run: 'r1', cancelled: false },
      { run: 'r2', cancelled: true },
    ]);
  });

  it('a run or session that is not there is missing', async () => {
    const log = await make();
    const { session } = await startRun(log);
    expect(await cancelRun(log, session, 'other')).toEqual({ state: 'missing' });
    expect(await cancelRun(log, newSession(), 'r1')).toEqual({ state: 'missing' });
  });

  it('a command without a run is finished already', async () => {
    const log = await make();
    const session = newSession();
    await log.send(session, sendOf('c1'));
    expect(await cancelCommand(log, session, 'c1')).toEqual({ state: 'finished' });
  });
}

function cancellingWhatHasNotCome({ make }: Topic): void {
  it('HF-FRM-5: a cancel that comes before its command holds, also in a new session', async () => {
    const log = await make();
    const session = newSession();
    expect(await cancelCommand(log, session, 'c1')).toEqual({ state: 'stopping' });
    expect(await cancelCommand(log, session, 'c1')).toEqual({ state: 'stopping' });
    expect(await log.head(session)).toBeNull();
    const sent = await log.send(session, sendOf('c1', 'r1'));
    expect(sent).toMatchObject({
      kind: 'accepted',
      before: '0-0',
      run: { run: 'r1', info: 'info of r1', state: 'stopped' },
    });
    expect(await bodiesOf(log, session)).toEqual([
      'message of c1',
      'start of r1',
      'r1 was stopped',
    ]);
    expect((await log.head(session))?.runs).toEqual([]);
  });

  it('HF-FRM-5: the run that was stopped before it began is closed for its writer', async () => {
    const log = await make();
    const session = newSession();
    await cancelCommand(log, session, 'c1');
    const first = await log.send(session, sendOf('c1', 'r1'));
    expect(await log.append(session, { run: 'r1', attempt: 1, seq: 1, entry: entry('x') })).toEqual(
      { kind: 'closed' },
    );
    expect(await cancelCommand(log, session, 'c1')).toEqual({ state: 'finished', run: 'r1' });
    expect(await log.send(session, sendOf('c1', 'r1'))).toEqual({ ...first, kind: 'duplicate' });
  });

  it('HF-FRM-5: only the command that was cancelled early is stopped', async () => {
    const log = await make();
    const { session } = await startRun(log);
    await cancelCommand(log, session, 'c3');
    expect(await log.send(session, sendOf('c2', 'r2'))).toMatchObject({
      run: { state: 'running' },
    });
    expect(await log.send(session, sendOf('c3', 'r3'))).toMatchObject({
      run: { state: 'stopped' },
    });
  });
}
