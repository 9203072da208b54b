import { expect, it } from 'vitest';
import { idBehind } from '../chain.ts';
import {
  bodiesOf,
  collect,
  entriesOf,
  entry,
  newSession,
  sendOf,
  startRun,
  type Topic,
} from './kit.ts';
import { bodies, item, opened, range, started, store } from './messages.ts';

export function opening(topic: Topic): void {
  openingASession(topic);
  findingMessages(topic);
  seedingASession(topic);
}

function openingASession({ make }: Topic): void {
  it('HF-LOG-17: opening gives the newest messages, or more back to what is kept', async () => {
    const log = await make();
    const { session } = await started(log);
    await store(log, session, range(0, 10));
    expect((await opened(log, session, 3)).items).toEqual(bodies(7, 10));
    const { checkpoint } = await opened(log, session);
    const note = { from: checkpoint, through: checkpoint, count: 10, keep: 4 };
    await store(log, session, [], note);
    expect((await opened(log, session, 3)).items).toEqual(bodies(4, 10));
    expect((await opened(log, session, 8)).items).toEqual(bodies(2, 10));
    expect((await opened(log, session, 99)).items).toEqual(bodies(0, 10));
  });

  it('HF-LOG-17: opening gives no more than 500 messages, however far back it should keep them', async () => {
    const log = await make();
    const { session } = await started(log);
    await store(log, session, range(0, 510), { keep: 0 });
    expect((await opened(log, session, 3)).items).toEqual(bodies(10, 510));
    expect((await opened(log, session, 1_000)).items).toEqual(bodies(10, 510));
  });

  it('HF-LOG-17: the entries behind the checkpoint are a first page, to be read on from', async () => {
    const log = await make();
    const session = newSession();
    const numbered = Array.from({ length: 620 }, (_, at) => `entry ${at}`);
    await log.send(session, { command: 'c1', entries: numbered.map(entry) });
    const { epoch, entries, top } = await opened(log, session);
    expect(entries.length).toBeLessThan(numbered.length);
    const after = { epoch, id: entries.at(-1)?.id ?? '' };
    const rest = entriesOf(await log.read(session, { after, limit: 1_000 }));
    expect([...entries, ...rest].map(({ body }) => body)).toEqual(numbered);
    expect(rest.at(-1)?.id).toBe(top);
  });

  it('HF-LOG-17: an open session is whole however often it is stored meanwhile', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    // Entry n stands for message n; a reader must find each number once and in order.
    const rounds = 40;
    const writing = (async () => {
      for (let at = 1; at <= rounds; at++) {
        await append(at, { entry: entry(`n ${at}`) });
        const changes = [{ at: at - 1, key: `n${at}`, body: `n ${at}` }];
        const { top, checkpoint } = await opened(log, session, 1);
        const trim = at % 3 === 0 ? checkpoint : null;
        expect(await store(log, session, changes, { count: at, through: top, trim })).toBe('done');
      }
    })();
    let done = false;
    void writing.finally(() => {
      done = true;
    });
    while (!done) {
      const { items, entries } = await opened(log, session, 1_000);
      const numbers = [...items, ...entries.map(({ body }) => body)]
        .filter((body) => body.startsWith('n '))
        .map((body) => Number(body.slice(2)));
      expect(numbers).toEqual(numbers.map((_, at) => at + 1));
    }
    await writing;
    expect(await opened(log, session)).toMatchObject({ count: rounds });
  });
}

function findingMessages({ make }: Topic): void {
  it('HF-LOG-19: messages are read by place and found by key', async () => {
    const log = await make();
    const { session, epoch, append } = await started(log);
    await store(log, session, range(0, 30));
    const { checkpoint } = await opened(log, session);
    const read = (before: number, limit: number) => log.items(session, { before, limit });
    const base = { epoch, checkpoint, count: 30 };
    expect(await read(30, 4)).toEqual({ ...base, items: bodies(26, 30) });
    expect(await read(5, 10)).toEqual({ ...base, items: bodies(0, 5) });
    expect(await read(40, 12)).toEqual({ ...base, items: bodies(28, 30) });
    expect(await read(0, 10)).toEqual({ ...base, items: [] });
    for (const at of [0, 7, 29])
      expect(await log.find(session, `k${at}`)).toEqual({ epoch, checkpoint, at });
    expect(await log.find(session, 'k30')).toBeNull();
    await append(2);
    await store(log, session, [{ ...item(7), key: 'new' }], { count: 8 });
    expect(await log.find(session, 'k7')).toBeNull();
    expect(await log.find(session, 'k8')).toBeNull();
    expect(await log.find(session, 'new')).toMatchObject({ at: 7 });
    expect(await log.items(newSession(), { before: 9, limit: 9 })).toBeNull();
    expect(await log.find(newSession(), 'k1')).toBeNull();
    expect(await log.open(newSession(), { limit: 9 })).toBeNull();
  });
}

function seedingASession({ make }: Topic): void {
  it('HF-LOG-20: a session is seeded once, and goes on from there', async () => {
    const log = await make();
    const session = newSession();
    const deliveries = await collect(log, session);
    const items = range(0, 3).map(({ key, body }) => ({ key, body }));
    const first = entry('seeded');
    expect(await log.seed(session, { items, entry: first })).toBe('seeded');
    const now = await opened(log, session);
    expect(now).toMatchObject({ count: 3, items: bodies(0, 3), entries: [], floor: '0-0' });
    expect(now.checkpoint).toBe(now.top);
    expect(now.top).toBe(idBehind('0-0', first.nonce));
    expect(now.handed).toBe(now.top);
    expect(await log.find(session, 'k2')).toMatchObject({ at: 2 });
    expect(await log.seed(session, { items: [], entry: entry('again') })).toBe('exists');
    const sent = await log.send(session, sendOf('c1', 'r1'));
    expect(sent).toMatchObject({ before: now.top, epoch: now.epoch });
    expect(await bodiesOf(log, session)).toEqual(['seeded', 'message of c1', 'start of r1']);
    await expect.poll(() => deliveries.length).toBe(3);
    expect(deliveries[0]).toMatchObject({ prev: '0-0', body: 'seeded' });
  });

  it('HF-LOG-20: of two seeds at once one begins the session', async () => {
    const log = await make();
    const session = newSession();
    const seed = (name: string) =>
      log.seed(session, { items: [{ key: name, body: name }], entry: entry('seeded') });
    const both = await Promise.all([seed('a'), seed('b')]);
    expect([...both].sort()).toEqual(['exists', 'seeded']);
    expect((await opened(log, session)).items).toEqual([both[0] === 'seeded' ? 'a' : 'b']);
  });
}
