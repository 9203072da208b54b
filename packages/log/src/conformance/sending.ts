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

export function sending(topic: Topic): void {
  accepting(topic);
  repeating(topic);
}

function accepting({ make }: Topic): void {
  it('makes the session, appends the entries and starts the run', async () => {
    const log = await make();
    const session = newSession();
    const outcome = await log.send(session, sendOf('c1', 'r1'));
    expect(outcome).toEqual({
      kind: 'accepted',
      epoch: expect.stringMatching(/^[A-Za-z0-9_-]{8,64}$/),
      before: '0-0',
      run: { run: 'r1', info: 'info of r1', state: 'running' },
    });
    expect(await bodiesOf(log, session)).toEqual(['message of c1', 'start of r1']);
    expect((await headOf(log, session))?.runs).toMatchObject([{ run: 'r1', attempt: 1 }]);
  });

  it('a command may have no run, and no entries', async () => {
    const log = await make();
    const session = newSession();
    const first = await log.send(session, { command: 'c1', entries: [] });
    expect(first).toEqual({ kind: 'accepted', epoch: expect.any(String), before: '0-0' });
    expect(await headOf(log, session)).toMatchObject({ top: '0-0', bytes: 0, runs: [] });
    expect(await log.send(session, { command: 'c2', entries: [entry('m')] })).toMatchObject({
      kind: 'accepted',
      before: '0-0',
    });
    expect(await log.send(session, { command: 'c1', entries: [] })).toEqual({
      ...first,
      kind: 'duplicate',
    });
  });

  it('`before` is the id of the entry before the first of the command', async () => {
    const log = await make();
    const { session } = await startRun(log);
    const top = (await headOf(log, session))?.top;
    expect(await log.send(session, sendOf('c2', 'r2'))).toMatchObject({ before: top });
  });

  it('names with any characters are kept apart', async () => {
    const log = await make();
    const session = newSession();
    const names = ['a', 'a b', '{a}', 'r:a', 'ü', '0', '', '\u0000', '%d'].map(
      (name) => `${name}!`,
    );
    for (const name of names) await log.send(session, sendOf(name, name));
    expect((await headOf(log, session))?.runs.map(({ run }) => run)).toEqual(names);
    for (const run of names)
      expect(
        await log.append(session, { run, attempt: 1, seq: 1, entry: entry(run) }),
      ).toMatchObject({ kind: 'appended' });
  });
}

function repeating({ make }: Topic): void {
  it('HF-LOG-5: a repeated command is answered with the first answer and changes nothing', async () => {
    const log = await make();
    const session = newSession();
    const first = await log.send(session, sendOf('c1', 'r1'));
    await log.send(session, sendOf('c2'));
    const before = await headOf(log, session);
    expect(await log.send(session, sendOf('c1', 'r9'))).toEqual({ ...first, kind: 'duplicate' });
    expect(await log.send(session, sendOf('c1'))).toEqual({ ...first, kind: 'duplicate' });
    expect(await headOf(log, session)).toEqual(before);
  });

  it('HF-LOG-5: the same command many times at once starts one run', async () => {
    const log = await make();
    const session = newSession();
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, at) => log.send(session, sendOf('c1', `r${at}`))),
    );
    expect(outcomes.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
    expect(new Set(outcomes.map((outcome) => 'run' in outcome && outcome.run?.run)).size).toBe(1);
    expect(await readAll(log, session)).toHaveLength(2);
  });

  it('HF-LOG-5: a repeated command tells how its run stands now', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    const again = () => log.send(session, sendOf('c1', 'r1'));
    expect(await again()).toMatchObject({ run: { run: 'r1', state: 'running' } });
    await append(1, { end: 'failed' });
    expect(await again()).toMatchObject({ kind: 'duplicate', run: { run: 'r1', state: 'failed' } });
  });

  it('HF-LOG-5: commands are those of one session', async () => {
    const log = await make();
    const one = await startRun(log);
    const other = await startRun(log);
    expect(one.epoch).not.toBe(other.epoch);
    expect(await readAll(log, other.session)).toHaveLength(2);
  });

  it('HF-LOG-8: a command that comes again with another digest is answered so', async () => {
    const log = await make();
    const session = newSession();
    const first = { ...sendOf('c1', 'r1'), digest: 'one' };
    await log.send(session, first);
    expect(await log.send(session, { ...sendOf('c1', 'r2'), digest: 'two' })).toEqual(
      refused('other'),
    );
    expect(await log.send(session, first)).toMatchObject({ kind: 'duplicate' });
    expect(await log.send(session, sendOf('c1', 'r2'))).toMatchObject({ kind: 'duplicate' });
    expect(await readAll(log, session)).toHaveLength(2);
  });
}
