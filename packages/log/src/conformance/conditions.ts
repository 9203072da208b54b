import { seqOf } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import {
  bodiesOf,
  entry,
  headOf,
  newSession,
  readAll,
  refused,
  sendOf,
  startRun,
  type Topic,
} from './kit.ts';
import { opened, range, store } from './messages.ts';

export function conditions(topic: Topic): void {
  relyingOnASession(topic);
  relyingOnAPosition(topic);
  relyingOnWhatWasDropped(topic);
  waitingForRuns(topic);
  askingForAHold(topic);
  keepingAHold(topic);
}

function relyingOnAPosition({ make }: Topic): void {
  it('HF-LOG-8: a send is stale when another one came behind what it has seen', async () => {
    const log = await make();
    const { session, epoch, append } = await startRun(log);
    const seen = { epoch, id: (await opened(log, session)).top };
    await append(1);
    await append(2, { end: 'finished' });
    expect(
      await log.send(session, { ...sendOf('c2', 'r2'), if: { noSendSince: seen } }),
    ).toMatchObject({
      kind: 'accepted',
    });
    const before = await readAll(log, session);
    expect(await log.send(session, { ...sendOf('c3', 'r3'), if: { noSendSince: seen } })).toEqual(
      refused('stale'),
    );
    const other = { epoch: 'other', id: seen.id };
    expect(await log.send(session, { ...sendOf('c3'), if: { noSendSince: other } })).toEqual(
      refused('stale'),
    );
    expect(await log.send(newSession(), { ...sendOf('c3'), if: { noSendSince: seen } })).toEqual(
      refused('stale'),
    );
    expect(await readAll(log, session)).toEqual(before);
    expect(
      await log.send(session, { ...sendOf('c2', 'r2'), if: { noSendSince: seen } }),
    ).toMatchObject({
      kind: 'duplicate',
    });
    expect(await log.send(session, sendOf('c3', 'r3'))).toMatchObject({ kind: 'accepted' });
  });

  it('HF-LOG-8: who has seen no session is stale once there is one', async () => {
    const log = await make();
    const session = newSession();
    const seen = { epoch: '', id: '0-0' };
    expect(await log.send(session, { ...sendOf('c1'), if: { noSendSince: seen } })).toMatchObject({
      kind: 'accepted',
    });
    expect(await log.send(session, { ...sendOf('c2'), if: { noSendSince: seen } })).toEqual(
      refused('stale'),
    );
  });

  it('HF-LOG-8: a stale or repeated command is told so even where nothing more fits', async () => {
    const log = await make({ sessionEntries: 2 });
    const session = newSession();
    const first = { ...sendOf('c1', 'r1'), digest: 'one' };
    await log.send(session, first);
    const expected = { epoch: 'other', id: '1-1' };
    expect(await log.send(session, { ...sendOf('c2'), if: { noSendSince: expected } })).toEqual(
      refused('stale'),
    );
    expect(
      await log.send(session, { ...first, digest: 'two', if: { noSendSince: expected } }),
    ).toEqual(refused('other'));
    expect(await log.send(session, { ...first, if: { noSendSince: expected } })).toMatchObject({
      kind: 'duplicate',
    });
    expect(await log.send(session, sendOf('c2'))).toEqual(refused('full'));
  });
}

function relyingOnWhatWasDropped({ make }: Topic): void {
  it('HF-LOG-8: a send may rely on the newest entry though all of them were dropped, and on no other of its number', async () => {
    const log = await make();
    const { session, epoch, append } = await startRun(log);
    await append(1, { end: 'finished' });
    const { top } = await opened(log, session);
    expect(await store(log, session, range(0, 1), { trim: top })).toBe('done');
    expect(await headOf(log, session)).toMatchObject({ floor: top, top });
    const relying = (command: string, id: string) =>
      log.send(session, { ...sendOf(command), if: { noSendSince: { epoch, id } } });
    expect(await relying('c2', `${seqOf(top)}-1`)).toEqual(refused('stale'));
    expect(await relying('c3', top)).toMatchObject({ kind: 'accepted', before: top });
  });
}

function relyingOnASession({ make }: Topic): void {
  it('HF-LOG-8: a send that relies on the session is refused where there is none, before all else', async () => {
    const log = await make();
    const session = newSession();
    const seen = { epoch: 'other', id: '1-1' };
    const relying = { ...sendOf('c1', 'r1'), if: { begun: true } };
    expect(await log.send(session, { ...relying, if: { begun: true, noSendSince: seen } })).toEqual(
      refused('gone'),
    );
    expect(await log.send(session, relying)).toEqual(refused('gone'));
    expect(await log.head(session)).toBeNull();
    expect(await log.command(session, 'c1')).toBeNull();
    await log.send(session, sendOf('c0'));
    expect(await log.send(session, relying)).toMatchObject({ kind: 'accepted' });
    expect(await log.send(session, relying)).toMatchObject({ kind: 'duplicate' });
    await log.delete(session);
    expect(await log.send(session, relying)).toEqual(refused('gone'));
  });
}

function waitingForRuns({ make }: Topic): void {
  it('HF-LOG-10: a send that wants to be the only run is busy while one is live', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    const alone = { ...sendOf('c2', 'r2'), if: { idle: true } };
    const before = await readAll(log, session);
    expect(await log.send(session, alone)).toEqual(refused('busy'));
    expect(await readAll(log, session)).toEqual(before);
    await append(1, { end: 'finished' });
    expect(await log.send(session, alone)).toMatchObject({ kind: 'accepted', run: { run: 'r2' } });
    expect(await log.send(session, alone)).toMatchObject({ kind: 'duplicate', run: { run: 'r2' } });
    expect(await log.send(session, sendOf('c3', 'r3'))).toMatchObject({ kind: 'accepted' });
  });

  it('HF-LOG-10: of many that want to be the only run at once, one is', async () => {
    const log = await make();
    const session = newSession();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        log.send(session, { ...sendOf(`c${at}`, `r${at}`), if: { idle: true } }),
      ),
    );
    expect(outcomes.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
    expect(outcomes.filter((each) => 'why' in each && each.why === 'busy')).toHaveLength(19);
  });

  it('HF-LOG-11: a send that is meant for a run is refused once that has ended', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    const meant = { ...sendOf('c2'), if: { runLive: 'r1' } };
    expect(await log.send(session, meant)).toMatchObject({ kind: 'accepted' });
    await append(1, { end: 'finished' });
    const before = await readAll(log, session);
    expect(await log.send(session, { ...sendOf('c3'), if: { runLive: 'r1' } })).toEqual(
      refused('ended'),
    );
    expect(await log.send(newSession(), { ...sendOf('c3'), if: { runLive: 'r1' } })).toEqual(
      refused('ended'),
    );
    expect(await log.send(session, meant)).toMatchObject({ kind: 'duplicate' });
    expect(await readAll(log, session)).toEqual(before);
  });
}

function askingForAHold({ make }: Topic): void {
  it('HF-LOG-12: while there is a hold, a send that asks for none is refused and changes nothing', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    const hold = (command: string, setHold: boolean, held?: boolean) =>
      log.send(session, {
        command,
        entries: [entry(command)],
        setHold,
        ...(held === undefined ? {} : { if: { held } }),
      });
    expect(await hold('h1', true, false)).toMatchObject({ kind: 'accepted' });
    const before = await headOf(log, session);
    expect(await log.send(session, { ...sendOf('c2', 'r2'), if: { held: false } })).toEqual(
      refused('held'),
    );
    expect(await hold('h2', true, false)).toEqual(refused('held'));
    expect(await headOf(log, session)).toEqual(before);
    // A sender that may not begin need not know what runs.
    const alone = { ...sendOf('c9', 'r9'), if: { held: false, idle: true } };
    expect(await log.send(session, alone)).toEqual(refused('held'));
    // Everything else goes on.
    expect(await append(1)).toMatchObject({ kind: 'appended' });
    expect(await log.send(session, sendOf('c3', 'r3'))).toMatchObject({ kind: 'accepted' });
    // A repetition is answered with the first answer.
    expect(await hold('h1', true, false)).toMatchObject({ kind: 'duplicate' });
    expect(await log.send(session, { ...sendOf('c4'), if: { held: true } })).toMatchObject({
      kind: 'accepted',
    });
    expect(await hold('h3', false)).toMatchObject({ kind: 'accepted' });
    expect(await log.send(session, { ...sendOf('c5'), if: { held: true } })).toEqual(
      refused('free'),
    );
    expect(await log.send(session, { ...sendOf('c2', 'r2'), if: { held: false } })).toMatchObject({
      kind: 'accepted',
    });
  });
}

function keepingAHold({ make }: Topic): void {
  it('HF-LOG-12: a hold is none of what seeds and checkpoints keep, and outlives them', async () => {
    const log = await make();
    const session = newSession();
    await log.seed(session, { items: [{ key: 'k0', body: 'm0' }], entry: entry('seed') });
    const free = (command: string, run: string) =>
      log.send(session, { ...sendOf(command, run), if: { held: false } });
    expect(await free('c1', 'r1')).toMatchObject({ kind: 'accepted' });
    const { epoch, checkpoint, top } = await opened(log, session);
    const store = (state: string, from: string) =>
      log.checkpoint(session, {
        epoch,
        from,
        through: top,
        count: 1,
        changes: [],
        keep: 1,
        trim: null,
        handed: top,
        state,
      });
    expect(await store('{}', checkpoint)).toBe('done');
    expect(await free('c2', 'r2')).toMatchObject({ kind: 'accepted' });
    await log.send(session, {
      command: 'h1',
      entries: [entry('h')],
      setHold: true,
      if: { held: false },
    });
    expect(await store('{"x":1}', top)).toBe('done');
    expect(await free('c3', 'r3')).toEqual(refused('held'));
  });

  it('HF-LOG-12: of many who set a hold at once one does, and it ends with the session', async () => {
    const log = await make();
    const session = newSession();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        log.send(session, {
          command: `h${at}`,
          entries: [entry('h')],
          setHold: true,
          if: { held: false },
        }),
      ),
    );
    expect(outcomes.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
    expect(await bodiesOf(log, session)).toEqual(['h']);
    await log.delete(session);
    expect(await log.send(session, { ...sendOf('c1', 'r1'), if: { held: false } })).toMatchObject({
      kind: 'accepted',
    });
  });
}
