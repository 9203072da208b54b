import { origin, seqOf } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { idBehind, idsBehind, nonceOf } from '../chain.ts';
import {
  bodiesOf,
  entry,
  headOf,
  newSession,
  readAll,
  sendOf,
  startRun,
  type Topic,
} from './kit.ts';

const randomNonce = (): number => 1 + Math.floor(Math.random() * (2 ** 31 - 1));

export function appending(topic: Topic): void {
  chainingIds(topic);
  appendingInOrder(topic);
}

function chainingIds({ make }: Topic): void {
  it('HF-LOG-1: ids are dense, and each entry names the one before it', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    for (let seq = 1; seq <= 20; seq++) await append(seq);
    const entries = await readAll(log, session);
    expect(entries.map(({ id }) => seqOf(id))).toEqual(
      Array.from({ length: 22 }, (_, at) => at + 1),
    );
    expect(entries.map(({ prev }) => prev)).toEqual([
      '0-0',
      ...entries.slice(0, -1).map(({ id }) => id),
    ]);
  });

  it('HF-POS-5: an id is what the nonce of its writer makes of the id before it', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    const edges = [1, 2, 3, 2 ** 30, 2 ** 31 - 2, 2 ** 31 - 1, 1];
    let seq = 1;
    for (const nonce of [...edges, ...Array.from({ length: 40 }, randomNonce)]) {
      const before = (await log.head(session))?.top ?? '';
      await append(seq++, { entry: { nonce, body: 'x' } });
      expect((await log.head(session))?.top).toBe(idBehind(before, nonce));
    }
  });

  it('HF-POS-5: an id whose nonce would be 0 has 2^31-1, and the chain goes on from it', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    const before = (await log.head(session))?.top ?? '';
    const most = 2 ** 31 - 1;
    const nonce = most - ((nonceOf(before) * 48_271) % most);
    await append(1, { entry: { nonce, body: 'x' } });
    expect((await log.head(session))?.top).toBe(`3-${most}`);
    await append(2, { entry: { nonce: 7, body: 'x' } });
    expect((await log.head(session))?.top).toBe('4-7');
  });

  it('HF-POS-5: one command gives its entries the ids that its sender computes', async () => {
    const log = await make();
    const session = newSession();
    const entries = [1, 2, 3].map((at) => entry(`message ${at}`));
    const sent = await log.send(session, { command: 'c1', entries });
    expect(sent).toMatchObject({ before: origin });
    expect((await readAll(log, session)).map(({ id }) => id)).toEqual(idsBehind(origin, entries));
  });

  it('HF-LOG-4: a repetition is known by what the writer says, not by the id', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    const chunk = entry('x');
    await append(1, { entry: chunk });
    await log.send(session, sendOf('c2'));
    const top = (await log.head(session))?.top;
    expect(await append(1, { entry: chunk })).toMatchObject({ kind: 'duplicate' });
    const end = { end: 'finished', entry: entry('end') } as const;
    expect(await append(2, end)).toMatchObject({ kind: 'appended' });
    expect(await append(2, end)).toMatchObject({ kind: 'duplicate' });
    expect((await readAll(log, session)).at(-1)?.prev).toBe(top);
  });
}

function appendingInOrder({ make }: Topic): void {
  it('HF-LOG-1: writers at once get consecutive ids', async () => {
    const log = await make();
    const session = newSession();
    const runs = ['r1', 'r2', 'r3', 'r4'];
    for (const run of runs) await log.send(session, sendOf(`c-${run}`, run));
    const write = async (run: string): Promise<void> => {
      for (let seq = 1; seq <= 25; seq++)
        await log.append(session, { run, attempt: 1, seq, entry: entry(`${run} ${seq}`) });
    };
    await Promise.all(runs.map(write));
    const entries = await readAll(log, session);
    expect(entries.map(({ id }) => seqOf(id))).toEqual(
      Array.from({ length: 108 }, (_, at) => at + 1),
    );
    for (const run of runs)
      expect(entries.map(({ body }) => body).filter((body) => body.startsWith(run))).toEqual(
        Array.from({ length: 25 }, (_, at) => `${run} ${at + 1}`),
      );
  });

  it('HF-LOG-2: the next number is appended, a lower one is a duplicate and changes nothing', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    expect(await append(1)).toEqual({ kind: 'appended', cancelled: false });
    expect(await append(2)).toEqual({ kind: 'appended', cancelled: false });
    const before = await headOf(log, session);
    expect(await append(2)).toEqual({ kind: 'duplicate', cancelled: false });
    expect(await append(1)).toEqual({ kind: 'duplicate', cancelled: false });
    expect(await append(0)).toEqual({ kind: 'duplicate', cancelled: false });
    expect(await headOf(log, session)).toEqual(before);
  });

  it('HF-LOG-2: a higher number is a gap that tells the number expected and changes nothing', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    const before = await headOf(log, session);
    expect(await append(3)).toEqual({ kind: 'gap', expected: 1 });
    expect(await headOf(log, session)).toEqual(before);
    await append(1);
    expect(await append(3)).toEqual({ kind: 'gap', expected: 2 });
  });

  it('HF-LOG-4: the same append twice is written once', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    const same = entry('once');
    expect(await append(1, { entry: same })).toMatchObject({ kind: 'appended' });
    expect(await append(1, { entry: same })).toMatchObject({ kind: 'duplicate' });
    expect((await bodiesOf(log, session)).filter((body) => body === 'once')).toHaveLength(1);
  });

  it('HF-LOG-4: the append that ended the run is a duplicate when it is repeated', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    const last = entry('end');
    expect(await append(1, { entry: last, end: 'finished' })).toMatchObject({ kind: 'appended' });
    expect(await append(1, { entry: last, end: 'finished' })).toMatchObject({ kind: 'duplicate' });
    expect((await readAll(log, session)).length).toBe(3);
  });

  it('keeps bodies as they come', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    const bodies = [
      '{"t":"ü 中 🦊 \\u0000 \\ud800"}',
      '',
      ' \r\n"',
      '\u0000\u2028',
      'x'.repeat(70_000),
    ];
    for (const [at, body] of bodies.entries()) await append(at + 1, { entry: entry(body) });
    expect((await bodiesOf(log, session)).slice(2)).toEqual(bodies);
  });
}
