import { setTimeout } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import {
  bodiesOf,
  cancelCommand,
  cancelRun,
  entry,
  headOf,
  newSession,
  refused,
  sendOf,
  startBodies,
  startRun,
  type Topic,
} from './kit.ts';

export function limits(topic: Topic): void {
  limitsOfSize(topic);
  limitsOfTime(topic);
}

function limitsOfSize({ make, sizeOf }: Topic): void {
  it('F19, HF-LOG-7: an entry over entryBytes is refused whole, at exactly that size it is taken', async () => {
    const log = await make({ entryBytes: sizeOf('ü'.repeat(50)) });
    const { session, append } = await startRun(log);
    const before = await headOf(log, session);
    const over = entry('ü'.repeat(50).concat('x'));
    const tooLarge = { code: 'too_large' };
    await expect(append(1, { entry: over })).rejects.toMatchObject(tooLarge);
    await expect(append(1, { entry: over, end: 'finished' })).rejects.toMatchObject(tooLarge);
    await expect(
      log.send(session, sendOf('c2', 'r2', { entries: [entry('x'), over] })),
    ).rejects.toMatchObject(tooLarge);
    await expect(
      log.cancel(session, { target: { run: 'r1' }, entry: () => over }),
    ).rejects.toMatchObject(tooLarge);
    expect(await headOf(log, session)).toEqual(before);
    expect(await append(1, { entry: entry('ü'.repeat(50)) })).toMatchObject({ kind: 'appended' });
  });

  it('HF-LOG-7: an append beyond sessionBytes is refused, its end still fits', async () => {
    const fits = 'x'.repeat(70);
    const sessionBytes = sizeOf(...startBodies, fits);
    const log = await make({ sessionBytes });
    const { session, append } = await startRun(log);
    expect(await append(1, { entry: entry(`${fits}x`) })).toEqual({ kind: 'full' });
    expect(await append(1, { entry: entry(fits) })).toMatchObject({ kind: 'appended' });
    const before = await headOf(log, session);
    expect(before?.bytes).toBe(sessionBytes);
    expect(await append(2, { entry: entry('y') })).toEqual({ kind: 'full' });
    expect(await append(1)).toMatchObject({ kind: 'duplicate' });
    expect(await append(3)).toEqual({ kind: 'gap', expected: 2 });
    expect(await headOf(log, session)).toEqual(before);
    expect(await append(2, { entry: entry('full, sorry'), end: 'failed' })).toMatchObject({
      kind: 'appended',
    });
  });

  it('HF-LOG-7: a send beyond sessionBytes is refused whole, and is not remembered', async () => {
    const log = await make({ sessionBytes: sizeOf('x'.repeat(30), 'y'.repeat(20)) });
    const session = newSession();
    const large = [entry('x'.repeat(30)), entry('y'.repeat(30))];
    expect(await log.send(session, sendOf('c1', 'r1', { entries: large }))).toEqual(
      refused('full'),
    );
    expect(await headOf(log, session)).toBeNull();
    const small = [entry('x'.repeat(30))];
    expect(await log.send(session, sendOf('c1', 'r1', { entries: small }))).toMatchObject({
      kind: 'accepted',
    });
    expect(await log.send(session, sendOf('c1', 'r1', { entries: large }))).toMatchObject({
      kind: 'duplicate',
    });
    expect(await log.send(session, sendOf('c2', 'r2', { entries: small }))).toEqual(
      refused('full'),
    );
    expect(await bodiesOf(log, session)).toEqual(['x'.repeat(30)]);
  });

  it('a run can be cancelled and reaped when the log is full', async () => {
    const log = await make({ sessionBytes: sizeOf(...startBodies) });
    const { session } = await startRun(log, { leaseMs: 5 });
    expect(await cancelRun(log, session, 'r1')).toMatchObject({ state: 'stopping' });
    const reap = () => log.reap(session, { run: 'r1', attempt: 1, entry: entry('lost, sorry') });
    await vi.waitFor(async () => expect(await reap()).toBe(true));
    expect((await bodiesOf(log, session)).at(-1)).toBe('lost, sorry');
  });
}

function limitsOfTime({ make }: Topic): void {
  it.each([1.5, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'a lease of %s ms is refused, and nothing is changed: a run that had it could never end',
    async (leaseMs) => {
      const log = await make();
      const session = newSession();
      const fault = { code: 'internal' };
      await expect(log.send(session, sendOf('c1', 'r1', { leaseMs }))).rejects.toMatchObject(fault);
      await expect(log.send(session, sendOf('c1', 'r1', { leaseMs: 0 }))).rejects.toMatchObject(
        fault,
      );
      expect(await headOf(log, session)).toBeNull();
      const { session: other, append } = await startRun(log);
      const before = await headOf(log, other);
      const lease = { run: 'r1', attempt: 2, leaseMs };
      await expect(log.renew(other, lease)).rejects.toMatchObject(fault);
      const claim = { name: 'n', holder: 'h', leaseMs };
      await expect(log.claim(other, claim)).rejects.toMatchObject(fault);
      expect(await headOf(log, other)).toEqual(before);
      expect(await append(1)).toMatchObject({ kind: 'appended' });
    },
  );

  it('HF-LOG-5: a command is forgotten after commandMs', async () => {
    const log = await make({ commandMs: 20 });
    const session = newSession();
    await log.send(session, sendOf('c1'));
    let run = 0;
    await vi.waitFor(async () => {
      run += 1;
      expect(await log.send(session, sendOf('c1', `r${run}`))).toMatchObject({ kind: 'accepted' });
    });
  });

  it('a session goes retentionMs after its last write', async () => {
    const log = await make({ retentionMs: 40 });
    const { session, epoch } = await startRun(log);
    await cancelCommand(log, session, 'c9');
    await vi.waitFor(async () => expect(await headOf(log, session)).toBeNull());
    expect(await log.send(session, sendOf('c1'))).toMatchObject({
      kind: 'accepted',
      before: '0-0',
    });
    const after = { epoch, id: '1-1' };
    expect(await log.read(session, { after, limit: 1 })).toMatchObject({ why: 'epoch' });
    expect(await log.send(session, sendOf('c9', 'r9'))).toMatchObject({
      run: { state: 'stopped' },
    });
  });

  it('writing keeps a session', async () => {
    const retentionMs = 200;
    const log = await make({ retentionMs });
    // A machine that stood still for so long proves nothing: then it is begun anew.
    let state: 'kept' | 'late' = 'late';
    while (state === 'late') {
      const from = performance.now();
      let before = from;
      const { append } = await startRun(log);
      state = 'kept';
      for (let seq = 1; state === 'kept' && performance.now() - from < 500; seq++) {
        const begun = performance.now();
        const { kind } = await append(seq);
        if (performance.now() - before >= retentionMs) state = 'late';
        else expect(kind).toBe('appended');
        before = begun;
        // Some writes within `retentionMs` are enough: as many as a fast machine makes would fill the session.
        await setTimeout(retentionMs / 20);
      }
    }
  });
}
