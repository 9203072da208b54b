import { expect, it, vi } from 'vitest';
import { nameBytes } from '../limits.ts';
import {
  bodiesOf,
  cancelCommand,
  cancelRun,
  entry,
  epochOf,
  headOf,
  longMs,
  newSession,
  refused,
  sendOf,
  startRun,
  type Topic,
} from './kit.ts';

/** Questions to the log that write nothing: commands and runs. */
export function asking(topic: Topic): void {
  askingForCommands(topic);
  askingForRuns(topic);
}

function askingForCommands({ make }: Topic): void {
  it('HF-LOG-5: a command that was accepted is told as its repetition would be', async () => {
    const log = await make();
    const session = newSession();
    const first = await log.send(session, sendOf('c1', 'r1'));
    const { kind: _, ...known } = await log.send(session, sendOf('c1', 'r1'));
    expect(known).toMatchObject({ epoch: epochOf(first), run: { run: 'r1', state: 'running' } });
    expect(await log.command(session, 'c1')).toEqual(known);
    const second = await log.send(session, sendOf('c2'));
    const { before } = second as { readonly before: string };
    expect(await log.command(session, 'c2')).toEqual({ epoch: epochOf(first), before });
  });

  it('HF-LOG-5: a command is told with how its run is now', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    const state = async () => (await log.command(session, 'c1'))?.run?.state;
    expect(await state()).toBe('running');
    await append(1, { end: 'failed' });
    expect(await state()).toBe('failed');
  });

  it('HF-LOG-5: a command that was not accepted is not known, and asking for it changes nothing', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    await log.send(session, { ...sendOf('c2', 'r2'), if: { idle: true } });
    await cancelCommand(log, session, 'c3');
    const before = await headOf(log, session);
    for (const command of ['c2', 'c3', 'c4'])
      expect(await log.command(session, command)).toBeNull();
    expect(await headOf(log, session)).toEqual(before);
    await append(1, { end: 'finished' });
    expect(await log.send(session, sendOf('c4', 'r4'))).toMatchObject({ kind: 'accepted' });
    // The cancel that came before it still counts.
    expect(await log.send(session, sendOf('c3', 'r3'))).toMatchObject({
      run: { state: 'stopped' },
    });
  });

  it('HF-LOG-5: a command is not known without its session, and asking for it makes none', async () => {
    const log = await make();
    const session = newSession();
    expect(await log.command(session, 'c1')).toBeNull();
    expect(await log.head(session)).toBeNull();
    await log.send(session, sendOf('c1', 'r1'));
    await log.delete(session);
    expect(await log.command(session, 'c1')).toBeNull();
    await log.send(session, sendOf('c2', 'r2'));
    expect(await log.command(session, 'c1')).toBeNull();
  });

  it('HF-LOG-5: a command is known for as long as it is remembered', async () => {
    const log = await make({ commandMs: 40 });
    const session = newSession();
    await log.send(session, sendOf('c1', 'r1'));
    await vi.waitFor(async () => expect(await log.command(session, 'c1')).toBeNull());
    expect(await cancelCommand(log, session, 'c1')).toEqual({ state: 'stopping' });
    expect(await log.send(session, sendOf('c1', 'r2'))).toMatchObject({
      run: { state: 'stopped' },
    });
  });

  it('HF-LOG-5: a command is told where the session is full', async () => {
    const log = await make({ sessionEntries: 2 });
    const session = newSession();
    await log.send(session, sendOf('c1', 'r1'));
    expect(await log.send(session, sendOf('c2', 'r2'))).toEqual(refused('full'));
    expect(await log.command(session, 'c1')).toMatchObject({ run: { run: 'r1' } });
    expect(await log.command(session, 'c2')).toBeNull();
  });

  it('HF-LOG-31: a command or a run is not asked for by a name that none can have', async () => {
    const log = await make();
    const { session } = await startRun(log);
    for (const name of ['', 'x'.repeat(nameBytes + 1), 'ü'.repeat(nameBytes)])
      for (const asked of [log.command(session, name), log.run(session, name)])
        await expect(asked).rejects.toMatchObject({ code: 'bad_request' });
    for (const name of ['x'.repeat(nameBytes), 'a b:{c}*\n', '__proto__', 'r:r1', '\u0001'])
      for (const asked of [log.command(session, name), log.run(session, name)])
        expect(await asked).toBeNull();
    for (const bad of ['', 'a b', 'x'.repeat(1_000)])
      for (const ask of [() => log.command(bad, 'c1'), () => log.run(bad, 'r1')])
        await expect((async () => await ask())()).rejects.toMatchObject({ code: 'bad_request' });
  });
}

function askingForRuns({ make }: Topic): void {
  it('HF-LOG-3: a live run is told as the head tells it', async () => {
    const log = await make();
    const { session, epoch, append } = await startRun(log);
    await log.send(session, sendOf('c2', 'r2'));
    await append(0, { attempt: 2 });
    await cancelRun(log, session, 'r1');
    const runs = (await headOf(log, session))?.runs ?? [];
    for (const run of ['r1', 'r2']) {
      const { leftMs, ...known } = (await log.run(session, run)) as { readonly leftMs: number };
      expect(known).toEqual({ state: 'running', epoch, ...runs.find((each) => each.run === run) });
      expect(leftMs).toBeGreaterThan(longMs / 2);
    }
    expect(await log.run(session, 'r1')).toMatchObject({
      attempt: 2,
      cancelled: true,
      leased: true,
    });
    expect(await log.run(session, 'r2')).toMatchObject({ attempt: 1, cancelled: false });
  });

  it('HF-LOG-3: a run whose lease has run out is told as live and without one', async () => {
    const log = await make();
    const { session } = await startRun(log, { leaseMs: 5 });
    await vi.waitFor(async () =>
      expect(await log.run(session, 'r1')).toMatchObject({
        state: 'running',
        leased: false,
        leftMs: 0,
      }),
    );
  });

  it('HF-LOG-3: a run that has ended is told with how it ended', async () => {
    const log = await make();
    const { session, epoch, append } = await startRun(log);
    await cancelRun(log, session, 'r1');
    await append(1, { end: 'stopped' });
    const ended = { state: 'stopped', epoch, run: 'r1', cancelled: true };
    expect(await log.run(session, 'r1')).toEqual(ended);
    const lost = { run: 'r2', attempt: 1, leaseMs: 0 };
    await log.send(session, sendOf('c2', 'r2'));
    await log.renew(session, lost);
    await log.reap(session, { ...lost, entry: entry('lost') });
    expect(await log.run(session, 'r2')).toEqual({
      ...ended,
      state: 'lost',
      run: 'r2',
      cancelled: false,
    });
  });

  it('HF-LOG-32: a run is known as ended when its session was deleted, live or not', async () => {
    const log = await make();
    const { session, epoch, append } = await startRun(log);
    await append(1, { end: 'finished' });
    await log.send(session, sendOf('c2', 'r2'));
    await cancelRun(log, session, 'r2');
    await log.delete(session);
    const ended = { epoch, cancelled: false };
    expect(await log.run(session, 'r1')).toEqual({ ...ended, run: 'r1', state: 'finished' });
    expect(await log.run(session, 'r2')).toEqual({
      epoch,
      run: 'r2',
      state: 'lost',
      cancelled: true,
    });
    expect(await log.head(session)).toBeNull();
  });

  it('HF-LOG-3: a run that nobody started is not known, and asking for it changes nothing', async () => {
    const log = await make();
    const { session } = await startRun(log);
    const before = await headOf(log, session);
    const bodies = await bodiesOf(log, session);
    for (const run of ['r2', 'c1']) expect(await log.run(session, run)).toBeNull();
    expect(await headOf(log, session)).toEqual(before);
    expect(await bodiesOf(log, session)).toEqual(bodies);
    const other = newSession();
    expect(await log.run(other, 'r1')).toBeNull();
    expect(await log.head(other)).toBeNull();
  });

  it('HF-LOG-3: a run that has ended is known for as long as its late writers are answered', async () => {
    const log = await make({ commandMs: 40 });
    const { session, append } = await startRun(log);
    await append(1, { end: 'finished' });
    await vi.waitFor(async () => expect(await log.run(session, 'r1')).toBeNull());
    expect(await append(2)).toEqual({ kind: 'unknown' });
  });
}
