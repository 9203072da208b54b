import { expect, it, vi } from 'vitest';
import { maxClaims, maxMarks } from '../limits.ts';
import {
  cancelCommand,
  entry,
  headOf,
  longMs,
  newSession,
  refused,
  sendOf,
  startBodies,
  startRun,
  type Topic,
} from './kit.ts';
import { store } from './messages.ts';

/** A send whose run keeps so much. */
const keepingSend = (command: string, run: string, kept: string) => {
  const send = sendOf(command, run);
  return { ...send, run: { ...(send.run as NonNullable<typeof send.run>), kept } };
};

/** Bounds of all that is kept: it is counted, and goes with its session. */
export function keeping(topic: Topic): void {
  countingWhatIsKept(topic);
  boundingWhatWaits(topic);
  goingWithTheSession(topic);
  boundingNames(topic);
}

function countingWhatIsKept({ make, sizeOf }: Topic): void {
  it('HF-LOG-29: what is kept of a run counts while it is live, and comes back until then', async () => {
    const kept = 'ü'.repeat(200);
    const bodies = ['message of c1', 'start of r1'];
    const log = await make({ sessionBytes: sizeOf(...startBodies, ...startBodies, kept) });
    const session = newSession();
    expect(await log.send(session, keepingSend('c1', 'r1', kept))).toMatchObject({
      kind: 'accepted',
      run: { info: 'info of r1' },
    });
    const head = await log.head(session);
    expect(head?.bytes).toBe(sizeOf(...bodies, kept));
    expect(head?.runs).toMatchObject([{ run: 'r1', info: 'info of r1', kept }]);
    expect((await log.open(session, { limit: 1 }))?.runs).toMatchObject([{ kept }]);
    expect(await log.send(session, keepingSend('c2', 'r2', 'x'.repeat(150)))).toEqual(
      refused('full'),
    );
    const end = {
      run: 'r1',
      attempt: 1,
      seq: 1,
      entry: entry('end'),
      end: { outcome: 'finished' },
    };
    await log.append(session, end as never);
    expect((await log.head(session))?.bytes).toBe(sizeOf(...bodies, 'end'));
    expect(await log.send(session, keepingSend('c1', 'r1', kept))).toMatchObject({
      kind: 'duplicate',
      run: { info: 'info of r1', state: 'finished' },
    });
  });

  it('HF-LOG-29: nothing of it counts any more for a run that was reaped, or stopped before it came', async () => {
    const log = await make();
    const session = newSession();
    await cancelCommand(log, session, 'c1');
    await log.send(session, keepingSend('c1', 'r1', 'k'.repeat(99)));
    const stopped = ['message of c1', 'start of r1', 'r1 was stopped'];
    expect((await log.head(session))?.bytes).toBe(sizeOf(...stopped));
    const lost = keepingSend('c2', 'r2', 'k'.repeat(99));
    await log.send(session, { ...lost, run: { ...lost.run, leaseMs: 5 } });
    const reap = () => log.reap(session, { run: 'r2', attempt: 1, entry: entry('lost') });
    await vi.waitFor(async () => expect(await reap()).toBe(true));
    expect((await log.head(session))?.bytes).toBe(
      sizeOf(...stopped, 'message of c2', 'start of r2', 'lost'),
    );
  });

  it('HF-LOG-29: of a run that is started under a name that another one has, the later is kept', async () => {
    const log = await make();
    const session = newSession();
    const bodies = ['message of c1', 'start of r1', 'message of c2', 'start of r1'];
    await log.send(session, keepingSend('c1', 'r1', 'k'.repeat(99)));
    await log.send(session, keepingSend('c2', 'r1', 'later'));
    expect(await log.head(session)).toMatchObject({
      ...{ bytes: sizeOf(...bodies, 'later'), runs: [{ kept: 'later' }] },
    });
    await log.send(session, sendOf('c3', 'r1'));
    expect(await log.head(session)).toMatchObject({
      bytes: sizeOf(...bodies, 'message of c3', 'start of r1'),
      runs: [{ kept: '' }],
    });
  });

  it('HF-LOG-29: the state of a checkpoint counts, and another one takes its place', async () => {
    const log = await make();
    const { session } = await startRun(log);
    const stateOf = async (state: string | undefined) => {
      expect(await store(log, session, [], state === undefined ? {} : { state })).toBe('done');
      return (await log.head(session))?.bytes;
    };
    expect(await stateOf('s'.repeat(100))).toBe(sizeOf('s'.repeat(100)));
    expect(await stateOf(undefined)).toBe(sizeOf('s'.repeat(100)));
    expect(await stateOf('ü')).toBe(sizeOf('ü'));
    expect(await stateOf('')).toBe(0);
  });

  it('HF-LOG-29: as many commands are remembered as entries may be', async () => {
    const log = await make({ sessionEntries: 4 });
    const session = newSession();
    const empty = (command: string) => log.send(session, { command, entries: [] });
    for (const command of ['a', 'b', 'c', 'd'])
      expect(await empty(command)).toMatchObject({ kind: 'accepted' });
    expect(await empty('e')).toEqual(refused('full'));
    expect(await empty('a')).toMatchObject({ kind: 'duplicate' });
  });
}

function boundingWhatWaits({ make }: Topic): void {
  it('HF-LOG-28: as many cancels wait for their commands as may, and one more is refused', async () => {
    const log = await make();
    const session = newSession();
    const names = Array.from({ length: maxMarks }, (_, at) => `early ${at}`);
    for (const name of names)
      expect(await cancelCommand(log, session, name)).toEqual({ state: 'stopping' });
    expect(await cancelCommand(log, session, 'one more')).toEqual({ state: 'full' });
    // The same cancel again is none more, and those that wait hold all the same.
    expect(await cancelCommand(log, session, names[0] ?? '')).toEqual({ state: 'stopping' });
    for (const [at, name] of names.slice(0, 2).entries())
      expect(await log.send(session, sendOf(name, `r${at}`))).toMatchObject({
        run: { state: 'stopped' },
      });
    expect(await log.send(session, sendOf('one more', 'r9'))).toMatchObject({
      run: { state: 'running' },
    });
    // Cancels whose command has come wait no longer.
    expect(await cancelCommand(log, session, 'now')).toEqual({ state: 'stopping' });
    expect(await cancelCommand(log, newSession(), 'elsewhere')).toEqual({ state: 'stopping' });
  });

  it('HF-LOG-30: a session has so many claims at once, and those that are over make room', async () => {
    const log = await make();
    const session = newSession();
    const claim = (name: string, leaseMs = longMs) =>
      log.claim(session, { name, holder: 'a', leaseMs });
    const all = Array.from({ length: maxClaims }, (_, at) => claim(`call ${at}`, at ? longMs : 5));
    for (const { kind } of await Promise.all(all)) expect(kind).toBe('held');
    await vi.waitFor(async () => expect(await claim('in its place')).toEqual({ kind: 'held' }));
    expect(await claim('one more')).toEqual({ kind: 'full' });
    expect(await claim('call 7')).toEqual({ kind: 'held' });
    expect(await claim('call 7', 0)).toEqual({ kind: 'held' });
    expect(await claim('one more')).toEqual({ kind: 'held' });
    expect(await log.claim(newSession(), { name: 'x', holder: 'a', leaseMs: longMs })).toEqual({
      kind: 'held',
    });
  });
}

function goingWithTheSession({ make }: Topic): void {
  it('HF-LOG-30, S21: what a session has besides its log goes with it, also what waits for one', async () => {
    const log = await make();
    for (const { session } of [await startRun(log), { session: newSession() }]) {
      const claim = { name: 'call', leaseMs: longMs };
      await log.claim(session, { ...claim, holder: 'a' });
      await cancelCommand(log, session, 'early');
      for (const topic of ['approvals', 'hooks', 'queue', 'runs'] as const)
        await log.remind(topic, session, 0);
      await log.delete(session);
      expect(await log.claim(session, { ...claim, holder: 'b' })).toEqual({ kind: 'held' });
      for (const topic of ['approvals', 'hooks', 'queue', 'runs'] as const)
        expect(await log.due(topic, 9, 0)).toEqual([]);
      expect(await log.send(session, sendOf('early', 'r8'))).toMatchObject({
        run: { state: 'running' },
      });
    }
  });

  it('HF-LOG-30: a reminder is dismissed by whoever set it, unless another one was set since', async () => {
    const log = await make();
    const session = newSession();
    const first = await log.remind('hooks', session, 0);
    const second = await log.remind('hooks', session, 0);
    await log.dismiss(first);
    const [claimed] = await log.due('hooks', 9, 0);
    expect(claimed).toMatchObject({ session });
    await log.dismiss(second);
    expect(await log.due('hooks', 9, 0)).toMatchObject([{ session }]);
    await log.dismiss(await log.remind('hooks', session, 0));
    expect(await log.due('hooks', 9, 0)).toEqual([]);
  });
}

function boundingNames({ make }: Topic): void {
  it('HF-LOG-31: a name, and what is kept under it, has a bound; nothing of it is kept otherwise', async () => {
    const log = await make();
    const session = newSession();
    const long = 'ü'.repeat(513);
    const refused = { code: 'bad_request' };
    await expect(cancelCommand(log, session, long)).rejects.toMatchObject(refused);
    await expect(cancelCommand(log, session, '')).rejects.toMatchObject(refused);
    await expect(log.send(session, sendOf(long))).rejects.toMatchObject(refused);
    await expect(log.send(session, sendOf('c', long))).rejects.toMatchObject(refused);
    for (const claim of [
      { name: long, holder: 'a' },
      { name: 'a', holder: long },
    ])
      await expect(log.claim(session, { ...claim, leaseMs: longMs })).rejects.toMatchObject(
        refused,
      );
    const send = keepingSend('c', 'r', 'k');
    const tooLarge = { code: 'too_large' };
    await expect(
      log.send(session, { ...send, run: { ...send.run, info: 'x'.repeat(100_000) } }),
    ).rejects.toMatchObject(tooLarge);
    await expect(
      log.send(session, keepingSend('c', 'r', 'k'.repeat(300_000))),
    ).rejects.toMatchObject(tooLarge);
    expect(await headOf(log, session)).toBeNull();
    expect(await log.send(session, sendOf('x'.repeat(1_024), 'r'))).toMatchObject({
      kind: 'accepted',
    });
  });
}
