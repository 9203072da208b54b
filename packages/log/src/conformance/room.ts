import { expect, it } from 'vitest';
import { entry, newSession, refused, sendOf, startBodies, startRun, type Topic } from './kit.ts';
import { opened, range, store } from './messages.ts';

/** Room in a session once messages are stored. */
export function room(topic: Topic): void {
  roomOfBytes(topic);
  roomOfEntries(topic);
}

function roomOfBytes({ make, sizeOf }: Topic): void {
  it('HF-LOG-7: the size of a session is that of the bodies, in bytes', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    const bodies = ['{}', 'ü'.repeat(9), '\0', 'x'.repeat(20_000)];
    for (const [at, body] of bodies.entries()) await append(at + 1, { entry: entry(body) });
    expect((await log.head(session))?.bytes).toBe(sizeOf(...startBodies, ...bodies));
  });

  it('HF-LOG-7: messages count towards the size of the session, and storing a full one is allowed', async () => {
    const [body, folded] = ['y'.repeat(150), 'z'.repeat(130)];
    const sessionBytes = sizeOf(...startBodies, body);
    const log = await make({ sessionBytes });
    const { session, append } = await startRun(log);
    const message = (text: string) => ({ at: 0, key: 'k0', body: text });
    const larger = ''.padEnd(sessionBytes + 1, 'y');
    expect(await store(log, session, [message(larger)])).toBe('full');
    expect(await opened(log, session)).toMatchObject({ checkpoint: '0-0', items: [] });
    await append(1, { entry: entry(body) });
    expect(await append(2)).toEqual({ kind: 'full' });
    expect(await store(log, session, [message(folded)])).toBe('done');
    expect(await opened(log, session)).toMatchObject({ bytes: sizeOf(folded), items: [folded] });
    const rest = 'w'.repeat(20);
    expect(sizeOf(folded, rest)).toBeLessThanOrEqual(sessionBytes);
    expect(await append(2, { entry: entry(rest) })).toMatchObject({ kind: 'appended' });
    const large = [entry('message'), entry('v'.repeat(100))];
    expect(await log.send(session, sendOf('c2', 'r2', { entries: large }))).toEqual(
      refused('full'),
    );
  });

  it('HF-LOG-7: each byte counts once: an entry counts until it is stored, and then no more, dropped or not', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    await append(1, { entry: entry('x'.repeat(100)) });
    const { top: first } = await opened(log, session);
    await append(2, { entry: entry('y'.repeat(100)) });
    const folded = { at: 0, key: 'k0', body: 'z'.repeat(90) };
    await store(log, session, [folded], { through: first });
    const { bytes } = await opened(log, session);
    expect(bytes).toBe(sizeOf(folded.body, 'y'.repeat(100)));
    const { checkpoint } = await opened(log, session);
    const note = { from: checkpoint, through: checkpoint, count: 1 };
    expect(await store(log, session, [], { ...note, trim: first })).toBe('done');
    expect(await opened(log, session)).toMatchObject({ bytes, floor: first });
    await store(log, session, [folded], {});
    expect((await opened(log, session)).bytes).toBe(sizeOf(folded.body));
  });
}

function roomOfEntries({ make, sizeOf }: Topic): void {
  it('HF-LOG-7: a run that is stored as it goes on writes more than a session may hold of entries', async () => {
    const sessionBytes = 1_000;
    const log = await make({ sessionBytes, sessionEntries: 8 });
    const { session, append } = await startRun(log);
    for (let seq = 1; seq <= 30; seq++) {
      expect(await append(seq, { entry: entry('x'.repeat(100)) })).toMatchObject({
        kind: 'appended',
      });
      expect(await store(log, session, [{ at: 0, key: 'k0', body: 'short' }])).toBe('done');
    }
    expect(await opened(log, session)).toMatchObject({ floor: '0-0', bytes: sizeOf('short') });
  });

  it('HF-LOG-7: entries and messages beyond sessionEntries are refused, an end still fits', async () => {
    const log = await make({ sessionEntries: 5 });
    const { session, append } = await startRun(log);
    for (const seq of [1, 2, 3]) expect(await append(seq)).toMatchObject({ kind: 'appended' });
    expect(await append(4)).toEqual({ kind: 'full' });
    expect(await log.send(session, sendOf('c2', 'r2'))).toEqual(refused('full'));
    expect(await store(log, session, range(0, 2))).toBe('done');
    expect(await append(4)).toMatchObject({ kind: 'appended' });
    for (const seq of [5, 6]) await append(seq);
    expect(await append(7)).toEqual({ kind: 'full' });
    expect(await append(7, { end: 'failed' })).toMatchObject({ kind: 'appended' });
  });

  it('HF-LOG-20: the state of a seed counts as part of the session, and can be what is too much', async () => {
    const log = await make({ sessionBytes: sizeOf('message', 'e', 'x'.repeat(50)) });
    const session = newSession();
    const seed = (state: string) =>
      log.seed(session, { items: [{ key: 'k', body: 'message' }], entry: entry('e'), state });
    expect(await seed('x'.repeat(51))).toBe('full');
    expect(await log.head(session)).toBeNull();
    expect(await seed('x'.repeat(50))).toBe('seeded');
    expect((await log.head(session))?.bytes).toBe(sizeOf('message', 'x'.repeat(50)));
  });

  it('HF-LOG-20: a seed over the limits or with a key twice is refused whole', async () => {
    const log = await make({ sessionBytes: sizeOf('x'.repeat(99), 's'), sessionEntries: 4 });
    const session = newSession();
    const seed = (...all: readonly string[]) =>
      log.seed(session, { items: all.map((key) => ({ key, body: key })), entry: entry('s') });
    expect(await seed('x'.repeat(100))).toBe('full');
    expect(await seed('a', 'b', 'c', 'd')).toBe('full');
    await expect(seed('a', 'a')).rejects.toMatchObject({ code: 'internal' });
    expect(await log.open(session, { limit: 9 })).toBeNull();
    expect(await seed('a', 'b', 'c')).toBe('seeded');
  });
}
