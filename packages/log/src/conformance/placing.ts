import type { Position } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import type { NewEntry } from '../contract/entries.ts';
import { movedTop } from '../moved.ts';
import { bodiesOf, entry, newSession, sendOf, startRun, type Topic } from './kit.ts';

const caught = (write: Promise<unknown>): Promise<unknown> =>
  write.then(
    () => null,
    (error: unknown) => error,
  );

export function placing({ make }: Topic): void {
  it('HF-LOG-6: a write whose entry follows another one than the newest changes nothing', async () => {
    const log = await make();
    const { session, epoch, append } = await startRun(log, { leaseMs: 1 });
    await append(1);
    const { top = '' } = (await log.head(session)) ?? {};
    const before = await bodiesOf(log, session);
    const elsewhere = [
      { epoch, id: '0-0' },
      { epoch, id: '2-1' },
      { epoch, id: `4-${top.split('-')[1]}` },
      { epoch: 'another', id: top },
    ];
    for (const behind of elsewhere) {
      const misplaced = (): NewEntry => ({ ...entry('misplaced'), behind });
      const writes = [
        append(2, { entry: misplaced() }),
        append(2, { entry: misplaced(), end: 'finished' }),
        log.send(session, sendOf('c2', 'r2', { entries: [misplaced(), entry('more')] })),
        log.cancel(session, { target: { run: 'r1' }, entry: misplaced }),
      ];
      const errors = await Promise.all(writes.map(caught));
      expect(errors.map(movedTop)).toEqual(writes.map(() => ({ epoch, id: top })));
    }
    expect(await bodiesOf(log, session)).toEqual(before);
    expect(await append(2)).toMatchObject({ kind: 'appended', cancelled: false });
  });

  it('HF-LOG-6: nor does the end of a lost run whose entry follows another one', async () => {
    const log = await make();
    const { session, epoch } = await startRun(log);
    await log.renew(session, { run: 'r1', attempt: 1, leaseMs: 0 });
    const { top = '' } = (await log.head(session)) ?? {};
    const before = await bodiesOf(log, session);
    const reap = (behind: Position) =>
      log.reap(session, { run: 'r1', attempt: 1, entry: { ...entry('lost'), behind } });
    const error = await caught(reap({ epoch, id: '0-0' }));
    expect(movedTop(error)).toEqual({ epoch, id: top });
    expect(await bodiesOf(log, session)).toEqual(before);
    expect(await reap({ epoch, id: top })).toBe(true);
    expect(await bodiesOf(log, session)).toEqual([...before, 'lost']);
  });

  it('HF-LOG-6: an entry that names the newest is written, and another one is then', async () => {
    const log = await make();
    const { session, epoch, append } = await startRun(log);
    const topOf = async () => ({ epoch, id: (await log.head(session))?.top ?? '' });
    await append(1, { entry: { ...entry('one'), behind: await topOf() } });
    const behind = await topOf();
    const sent = [{ ...entry('two'), behind }, entry('three')];
    await log.send(session, sendOf('c2', undefined, { entries: sent }));
    const stop = { ...entry('stop'), behind: await topOf() };
    await log.cancel(session, { target: { run: 'r1' }, entry: () => stop });
    expect((await bodiesOf(log, session)).slice(2)).toEqual(['one', 'two', 'three', 'stop']);
    expect(movedTop(await caught(append(2, { entry: { ...entry('x'), behind } })))).toEqual(
      await topOf(),
    );
  });

  it('HF-LOG-6: what would change nothing anyway is answered as ever', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    await append(1);
    const misplaced = { ...entry('misplaced'), behind: { epoch: 'another', id: '7-7' } };
    expect(await append(1, { entry: misplaced })).toMatchObject({ kind: 'duplicate' });
    expect(await append(7, { entry: misplaced })).toEqual({ kind: 'gap', expected: 2 });
    expect(await append(2, { entry: misplaced, attempt: 0 })).toEqual({ kind: 'fenced' });
    expect(await log.send(session, sendOf('c1', 'r1', { entries: [misplaced] }))).toMatchObject({
      kind: 'duplicate',
    });
    const reap = { run: 'r1', attempt: 1, entry: misplaced };
    expect(await log.reap(session, reap)).toBe(false);
  });

  it('HF-LOG-6: a session gets the epoch that its first entry names', async () => {
    const log = await make();
    const behind = { epoch: 'chosen', id: '0-0' };
    const first = () => ({ ...entry('first'), behind });
    const sent = await log.send(newSession(), sendOf('c1', undefined, { entries: [first()] }));
    expect(sent).toMatchObject({ kind: 'accepted', epoch: 'chosen' });
    const session = newSession();
    expect(await log.seed(session, { items: [], entry: first() })).toBe('seeded');
    expect(await log.head(session)).toMatchObject({ epoch: 'chosen' });
    const later = { ...entry('later'), behind: { epoch: 'chosen', id: '3-3' } };
    const gone = await caught(log.send(newSession(), { command: 'c1', entries: [later] }));
    expect(movedTop(gone)).toEqual({ epoch: '', id: '0-0' });
  });
}
