import { expect, it } from 'vitest';
import { bodiesOf, entry, newSession, readAll, sendOf, startRun, type Topic } from './kit.ts';
import { bodies, item, opened, range, started, store } from './messages.ts';

/** More than a store looks at in one go. */
const many = 201;

/** Checkpoints of much at once, and at the bounds of a session. */
export function amounts(topic: Topic): void {
  storingMuch(topic);
  meetingBounds(topic);
  readingLittle(topic);
}

function storingMuch({ make, sizeOf }: Topic): void {
  it.each([many - 1, many])(
    'HF-LOG-29: %i messages that are taken away at once count no more',
    async (gone) => {
      const log = await make();
      const session = newSession();
      await log.send(session, { command: 'c1', entries: [entry('x')] });
      await store(log, session, range(0, gone + 2));
      expect(await store(log, session, [item(1, 2)], { count: 2 })).toBe('done');
      const now = [item(0).body, item(1, 2).body];
      expect(await opened(log, session)).toMatchObject({ bytes: sizeOf(...now), items: now });
      expect(await store(log, session, [], { count: 0 })).toBe('done');
      expect(await opened(log, session)).toMatchObject({ bytes: 0, items: [] });
    },
  );

  it.each([many - 1, many])(
    'HF-LOG-7, HF-LOG-18: %i entries that are stored at once count no more, and those that are dropped go',
    async (gone) => {
      const log = await make();
      const session = newSession();
      const entries = Array.from({ length: gone + 2 }, (_, at) => entry(`entry ${at}`));
      await log.send(session, { command: 'c1', entries });
      const ids = (await readAll(log, session)).map(({ id }) => id);
      const trim = ids[gone - 1] ?? '';
      expect(await store(log, session, range(0, 1), { through: trim, trim })).toBe('done');
      const rest = entries.slice(gone).map(({ body }) => body);
      expect(await bodiesOf(log, session)).toEqual(rest);
      const bytes = sizeOf(...rest, ...bodies(0, 1));
      expect(await opened(log, session)).toMatchObject({ floor: trim, bytes });
    },
  );
}

function meetingBounds({ make, sizeOf }: Topic): void {
  const message = (text: string) => [{ at: 0, key: 'k0', body: text }];

  it('HF-LOG-7: a checkpoint may fill a session, and not by one byte more', async () => {
    const log = await make({ sessionBytes: sizeOf('y'.repeat(99)) });
    const session = newSession();
    await log.send(session, { command: 'c1', entries: [entry('x')] });
    expect(await store(log, session, message('y'.repeat(100)))).toBe('full');
    expect(await store(log, session, message('y'.repeat(99)))).toBe('done');
  });

  it('HF-LOG-7: one of a full session may be as large as what it stores, and not by one byte more', async () => {
    const log = await make({ sessionBytes: sizeOf('message of c1', 'start of r1', 'end') });
    const { session, append } = await startRun(log);
    const last = 'it ends, in more words than there is room for';
    await append(1, { end: 'failed', entry: entry(last) });
    const gone = sizeOf('message of c1', 'start of r1', last);
    expect(await store(log, session, message('y'.repeat(gone + 1)))).toBe('full');
    expect(await store(log, session, message('y'.repeat(gone)))).toBe('done');
  });

  it('HF-LOG-7: a first send may fill a session, and not by one byte or entry more', async () => {
    const limits = { sessionBytes: sizeOf('ab'), sessionEntries: 2 };
    const log = await make(limits);
    const sends: readonly [string[], string][] = [
      [['a', 'b'], 'accepted'],
      [['abc'], 'refused'],
      [['a', '', ''], 'refused'],
    ];
    for (const [texts, kind] of sends) {
      const sent = { command: 'c1', entries: texts.map(entry) };
      expect(await log.send(newSession(), sent)).toMatchObject({ kind });
    }
  });

  it('HF-LOG-18: a checkpoint never goes back, also to an entry that is there', async () => {
    const log = await make();
    const { session, append } = await started(log);
    const [, first] = await readAll(log, session);
    await store(log, session, range(0, 2));
    await append(2);
    const before = await opened(log, session);
    const back = { through: first?.id ?? '', count: 1 };
    expect(await store(log, session, range(0, 1, 2), back)).toBe('stale');
    expect(await opened(log, session)).toEqual(before);
  });
}

function readingLittle({ make }: Topic): void {
  it('HF-LOG-19: one message is read by its place, and none where none is stored', async () => {
    const log = await make();
    const session = newSession();
    await log.send(session, sendOf('c1'));
    const read = (before: number, limit: number) => log.items(session, { before, limit });
    const none = { checkpoint: '0-0', count: 0, items: [] };
    for (const before of [0, 1, 5]) expect(await read(before, 9)).toMatchObject(none);
    await store(log, session, range(0, 3));
    for (const at of [0, 1, 2]) expect((await read(at + 1, 1))?.items).toEqual(bodies(at, at + 1));
    for (const limit of [1, 2, 3])
      expect((await opened(log, session, limit)).items).toEqual(bodies(3 - limit, 3));
  });
}
