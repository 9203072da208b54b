import { origin } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { entriesOf, entry, newSession, readAll, sendOf, startRun, type Topic } from './kit.ts';

export function reading(topic: Topic): void {
  readingFromPositions(topic);
  readingPagesAndHeads(topic);
}

function readingFromPositions({ make }: Topic): void {
  it('HF-POS-2: every position of the log is answered by exactly the entries behind it', async () => {
    const log = await make();
    const { session, epoch, append } = await startRun(log);
    for (let seq = 1; seq <= 8; seq++) await append(seq);
    const all = await readAll(log, session);
    for (const [at, id] of [origin, ...all.map((stored) => stored.id)].entries()) {
      const result = await log.read(session, { after: { epoch, id }, limit: 100 });
      expect(result).toEqual({
        kind: 'entries',
        epoch,
        top: all.at(-1)?.id,
        entries: all.slice(at),
      });
    }
  });

  it('HF-POS-2: a right number with another nonce is diverged', async () => {
    const log = await make();
    const { session, epoch, append } = await startRun(log);
    await append(1);
    const [, second, third] = await readAll(log, session);
    for (const id of ['1-999999', '2-999999', '3-999999', '0-999999']) {
      const result = await log.read(session, { after: { epoch, id }, limit: 10 });
      expect(result).toEqual({ kind: 'reset', why: 'diverged', epoch, top: third?.id });
    }
    const held = await log.read(session, { after: { epoch, id: second?.id ?? '' }, limit: 10 });
    expect(entriesOf(held)).toEqual([third]);
  });

  it('HF-POS-3: another epoch is told first, then a number above the top', async () => {
    const log = await make();
    const { session, epoch } = await startRun(log);
    const read = (position: { epoch: string; id: string }) =>
      log.read(session, { after: position, limit: 10 });
    expect(await read({ epoch: 'other', id: '900-1' })).toMatchObject({
      kind: 'reset',
      why: 'epoch',
    });
    expect(await read({ epoch: 'other', id: origin })).toMatchObject({
      kind: 'reset',
      why: 'epoch',
    });
    expect(await read({ epoch, id: '900-1' })).toMatchObject({ kind: 'reset', why: 'ahead' });
    expect(await read({ epoch, id: '9999999999999999-2147483647' })).toMatchObject({
      kind: 'reset',
      why: 'ahead',
    });
  });

  it('a session that nobody wrote is missing', async () => {
    const log = await make();
    const session = newSession();
    expect(await log.head(session)).toBeNull();
    expect(await log.read(session, { after: null, limit: 10 })).toEqual({ kind: 'missing' });
    expect(await log.read(session, { after: { epoch: 'e', id: '1-1' }, limit: 10 })).toEqual({
      kind: 'missing',
    });
  });
}

function readingPagesAndHeads({ make }: Topic): void {
  it('a page has at most as many entries as asked for, and tells the top', async () => {
    const log = await make();
    const { session, epoch, append } = await startRun(log);
    for (let seq = 1; seq <= 98; seq++) await append(seq);
    const all = await readAll(log, session);
    const seen = [];
    let id: string = origin;
    while (seen.length < all.length) {
      const page = await log.read(session, { after: { epoch, id }, limit: 33 });
      expect(page).toMatchObject({ top: all.at(-1)?.id });
      expect(entriesOf(page).length).toBe(Math.min(33, all.length - seen.length));
      seen.push(...entriesOf(page));
      id = entriesOf(page).at(-1)?.id ?? '';
    }
    expect(seen).toEqual(all);
  });

  it('a page ends after about a megabyte, but has at least one entry', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    for (let seq = 1; seq <= 12; seq++) await append(seq, { entry: entry('x'.repeat(150_000)) });
    const page = entriesOf(await log.read(session, { after: null, limit: 100 }));
    const bytes = page.reduce((sum, { body }) => sum + body.length, 0);
    expect(bytes).toBeGreaterThan(700_000);
    expect(bytes).toBeLessThan(1_500_000);
  });

  it('the head tells top, size and the runs that are live, in the order of their starts', async () => {
    const log = await make();
    const session = newSession();
    for (const run of ['r2', 'r1', 'r3'])
      await log.send(session, sendOf(`c-${run}`, run, { entries: [entry('start')] }));
    await log.append(session, {
      run: 'r1',
      attempt: 1,
      seq: 1,
      entry: entry('end'),
      end: { outcome: 'finished' },
    });
    const all = await readAll(log, session);
    expect(await log.head(session)).toEqual({
      epoch: expect.any(String),
      top: all.at(-1)?.id,
      checkpoint: '0-0',
      floor: origin,
      bytes: expect.any(Number),
      runs: ['r2', 'r3'].map((run) => ({
        run,
        attempt: 1,
        info: `info of ${run}`,
        kept: '',
        leased: true,
        leftMs: expect.any(Number),
        cancelled: false,
      })),
    });
  });

  it('session ids of another form are refused, whatever is asked', async () => {
    const log = await make();
    for (const session of ['', 'a b', '{x}', 'a:b', 'ü', 'x'.repeat(129), '*']) {
      const refused = { code: 'bad_request' };
      await expect(log.head(session)).rejects.toMatchObject(refused);
      await expect(log.read(session, { after: null, limit: 1 })).rejects.toMatchObject(refused);
      await expect(log.send(session, sendOf('c1', 'r1'))).rejects.toMatchObject(refused);
      await expect(log.delete(session)).rejects.toMatchObject(refused);
      await expect(log.subscribe(session, () => {})).rejects.toMatchObject(refused);
    }
  });
}
