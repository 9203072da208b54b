import { expect, it } from 'vitest';
import { bodiesOf, entry, readAll, refused, sendOf, startRun, type Topic } from './kit.ts';
import { bodies, opened, range, store } from './messages.ts';

export function losing(topic: Topic): void {
  losingATail(topic);
  writingBehindALoss(topic);
  losingAnEpochOrTheOldest(topic);
}

function losingATail({ makeWithFaults }: Topic): void {
  it('HF-POS-3: a position whose entries were lost is ahead, and diverged once others stand there', async () => {
    const { log, faults } = await makeWithFaults();
    const { session, epoch, append } = await startRun(log);
    await append(1);
    const restore = await faults.snapshot(session);
    for (let seq = 2; seq <= 4; seq++) await append(seq);
    const lost = await readAll(log, session);
    await restore();
    const read = (id: string) => log.read(session, { after: { epoch, id }, limit: 10 });
    expect(await read(lost[5]?.id ?? '')).toMatchObject({ why: 'ahead', top: lost[2]?.id });
    expect(await read(lost[3]?.id ?? '')).toMatchObject({ why: 'ahead' });
    expect(await read(lost[2]?.id ?? '')).toMatchObject({ kind: 'entries', entries: [] });
    for (let seq = 2; seq <= 6; seq++) await append(seq);
    expect(await read(lost[5]?.id ?? '')).toMatchObject({ kind: 'reset', why: 'diverged' });
    expect(await read(lost[3]?.id ?? '')).toMatchObject({ kind: 'reset', why: 'diverged' });
    expect(await read(lost[2]?.id ?? '')).toMatchObject({
      kind: 'entries',
      top: expect.stringMatching(/^8-/),
    });
  });

  it('HF-POS-5: an entry that is repeated behind another one has another id', async () => {
    const { log, faults } = await makeWithFaults();
    const { session, epoch, append } = await startRun(log);
    const chunks = Array.from({ length: 4 }, (_, at) => entry(`chunk ${at + 1}`));
    const write = async (from: number, to: number) => {
      for (let seq = from; seq <= to; seq++) await append(seq, { entry: chunks[seq - 1] as never });
    };
    await write(1, 1);
    const restore = await faults.snapshot(session);
    const send = (command: string) =>
      log.send(session, { command, entries: [entry(`message of ${command}`)] });
    await send('lost');
    await write(2, 4);
    const lost = await readAll(log, session);
    await restore();
    await send('other');
    await write(2, 4);
    const now = await readAll(log, session);
    expect(now.map(({ body }) => body).slice(4)).toEqual(lost.map(({ body }) => body).slice(4));
    for (const { id } of lost.slice(3)) {
      const read = await log.read(session, { after: { epoch, id }, limit: 10 });
      expect(read).toMatchObject({ kind: 'reset', why: 'diverged' });
    }
  });

  it('HF-POS-5: a tail that is repeated behind the same entries has the same ids', async () => {
    const { log, faults } = await makeWithFaults();
    const { session, append } = await startRun(log);
    const chunks = Array.from({ length: 3 }, (_, at) => entry(`chunk ${at + 1}`));
    const restore = await faults.snapshot(session);
    for (let at = 0; at < 3; at++) await append(at + 1, { entry: chunks[at] as never });
    const lost = await readAll(log, session);
    await restore();
    for (let at = 0; at < 3; at++) await append(at + 1, { entry: chunks[at] as never });
    expect(await readAll(log, session)).toEqual(lost);
  });

  it('HF-POS-5: a command that is repeated behind another one has other ids', async () => {
    const { log, faults } = await makeWithFaults();
    const { session, epoch } = await startRun(log);
    const restore = await faults.snapshot(session);
    const sendNote = (command: string) => log.send(session, sendOf(command));
    const repeated = sendOf('repeated', 'r2');
    await sendNote('lost');
    await log.send(session, repeated);
    const { id } = (await readAll(log, session)).at(-1) ?? { id: '' };
    await restore();
    await sendNote('other');
    expect(await log.send(session, repeated)).toMatchObject({ kind: 'accepted' });
    expect(await log.read(session, { after: { epoch, id }, limit: 10 })).toMatchObject({
      kind: 'reset',
      why: 'diverged',
    });
  });
}

function writingBehindALoss({ makeWithFaults }: Topic): void {
  it('HF-LOG-9: a send that relies on an entry which was lost is stale', async () => {
    const { log, faults } = await makeWithFaults();
    const { session, epoch } = await startRun(log);
    const restore = await faults.snapshot(session);
    const held = (await log.head(session))?.top ?? '';
    for (const command of ['lost', 'lost too']) await log.send(session, sendOf(command));
    const lost = (await readAll(log, session)).slice(2).map(({ id }) => id);
    await restore();
    const relying = (id: string) =>
      log.send(session, { ...sendOf(crypto.randomUUID()), if: { noSendSince: { epoch, id } } });
    for (const id of lost) expect(await relying(id)).toEqual(refused('stale'));
    await log.send(session, sendOf('other'));
    for (const id of [...lost, held]) expect(await relying(id)).toEqual(refused('stale'));
    const top = (await log.head(session))?.top ?? '';
    expect(await relying(top)).toMatchObject({ kind: 'accepted', before: top });
  });

  it('HF-LOG-2: a writer whose tail was lost is told where to go on, and mends the log', async () => {
    const { log, faults } = await makeWithFaults();
    const { session, append } = await startRun(log);
    const restore = await faults.snapshot(session);
    for (let seq = 1; seq <= 6; seq++) await append(seq);
    await restore();
    expect(await append(7)).toEqual({ kind: 'gap', expected: 1 });
    for (let seq = 1; seq <= 7; seq++)
      expect(await append(seq)).toMatchObject({ kind: 'appended' });
    expect((await bodiesOf(log, session)).slice(2)).toEqual(
      Array.from({ length: 7 }, (_, at) => `chunk ${at + 1}`),
    );
  });

  it('a run whose start was lost is unknown, and its command is accepted again', async () => {
    const { log, faults } = await makeWithFaults();
    const { session } = await startRun(log);
    const restore = await faults.snapshot(session);
    const send = sendOf('c2', 'r2');
    const append = { run: 'r2', attempt: 1, seq: 1, entry: entry('x') };
    await log.send(session, send);
    await log.append(session, append);
    await restore();
    expect(await log.append(session, append)).toEqual({ kind: 'unknown' });
    expect(await log.send(session, send)).toMatchObject({ kind: 'accepted' });
    expect(await log.append(session, append)).toMatchObject({ kind: 'appended' });
  });

  it('HF-LOG-18: what was stored behind a lost tail is stale, and is stored again from what is left', async () => {
    const { log, faults } = await makeWithFaults();
    const { session, append } = await startRun(log);
    await append(1);
    await store(log, session, range(0, 1));
    const restore = await faults.snapshot(session);
    await append(2);
    await store(log, session, range(0, 2));
    const lost = await opened(log, session);
    await append(3);
    const { top } = await opened(log, session);
    await restore();
    const from = lost.checkpoint;
    expect(await store(log, session, range(0, 3), { from, through: top })).toBe('stale');
    expect(await store(log, session, range(0, 3), { through: top })).toBe('stale');
    await append(2);
    expect(await store(log, session, range(0, 3), { through: from })).toBe('stale');
    expect(await opened(log, session)).toMatchObject({ items: bodies(0, 1), count: 1 });
    expect(await store(log, session, range(0, 2, 2))).toBe('done');
    expect(await opened(log, session)).toMatchObject({ items: bodies(0, 2, 2), entries: [] });
  });
}

function losingAnEpochOrTheOldest({ makeWithFaults }: Topic): void {
  it('HF-POS-3: everything lost means another epoch', async () => {
    const { log, faults } = await makeWithFaults();
    const { session, epoch, append } = await startRun(log);
    await append(1);
    const top = (await log.head(session))?.top ?? '';
    await faults.lose();
    expect(await log.head(session)).toBeNull();
    expect(await append(2)).toEqual({ kind: 'unknown' });
    const sent = await log.send(session, sendOf('c1', 'r1'));
    expect(sent).toMatchObject({ kind: 'accepted', before: '0-0' });
    expect(sent).not.toMatchObject({ epoch });
    const reset = await log.read(session, { after: { epoch, id: top }, limit: 10 });
    expect(reset).toMatchObject({ kind: 'reset', why: 'epoch' });
    expect(await append(1)).toMatchObject({ kind: 'appended' });
  });

  it('HF-POS-3: a position below the floor is trimmed, the floor itself holds', async () => {
    const { log, faults } = await makeWithFaults();
    const { session, epoch, append } = await startRun(log);
    for (let seq = 1; seq <= 6; seq++) await append(seq);
    const all = await readAll(log, session);
    const floor = all[3]?.id ?? '';
    await faults.trim(session, floor);
    const read = (id: string) => log.read(session, { after: { epoch, id }, limit: 10 });
    expect(await read(floor)).toMatchObject({ kind: 'entries', entries: all.slice(4) });
    expect(await readAll(log, session)).toEqual(all.slice(4));
    expect(await read(all[2]?.id ?? '')).toMatchObject({ kind: 'reset', why: 'trimmed' });
    expect(await read('0-0')).toMatchObject({ kind: 'reset', why: 'trimmed' });
    expect(await read('4-999999')).toMatchObject({ kind: 'reset', why: 'diverged' });
    expect(await log.head(session)).toMatchObject({ floor, top: all.at(-1)?.id });
    expect(await append(7)).toMatchObject({ kind: 'appended' });
  });
}
