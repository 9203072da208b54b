import { createHash, createHmac } from 'node:crypto';
import { defaultLimits } from '@holdfast/protocol';
import type {} from '@holdfast/testkit/redis-global-setup';
import { Redis } from 'ioredis';
import { afterAll, expect, inject, it } from 'vitest';
import {
  bodiesOf,
  collect,
  entry,
  longMs,
  newSession,
  refused,
  sendOf,
} from '../src/conformance/kit.ts';
import { store } from '../src/conformance/messages.ts';
import { createEncryptedLog, type EncryptionKey } from '../src/encrypted/index.ts';
import { createMemoryLog, type SendCommand, type SessionLog } from '../src/index.ts';
import { signalBytes } from '../src/limits.ts';
import { MemoryLog } from '../src/memory/memory-log.ts';
import { memoryUnderTest } from './support/memory-under-test.ts';
import { redisUnderTest } from './support/redis-under-test.ts';

const keyOf = (id: string): EncryptionKey => ({
  id,
  key: crypto.getRandomValues(new Uint8Array(32)),
});
const [old, current] = [keyOf('2025'), keyOf('2026')];

const admin = new Redis(inject('redisUrl'));
afterAll(() => admin.disconnect());

const stores = [
  ['in memory', () => memoryUnderTest()],
  ['on Redis', () => redisUnderTest(inject('redisUrl'), admin)],
] as const;

it.each(stores)(
  'HF-LOG-36: writers of many processes that write at once keep the log readable %s',
  async (_, make) => {
    const { log: plain, cleanup } = make();
    const logs = Array.from({ length: 4 }, () => createEncryptedLog(plain, { keys: [current] }));
    const session = newSession();
    const writes = logs.map(async (log, at) => {
      await log.send(session, sendOf(`c${at}`, `r${at}`));
      for (let seq = 1; seq <= 25; seq++) {
        const append = { run: `r${at}`, attempt: 1, seq, entry: entry(`${at} ${seq}`) };
        expect(await log.append(session, append)).toMatchObject({ kind: 'appended' });
      }
      const cancelled = { target: { run: `r${at}` }, entry: () => entry(`cancel ${at}`) };
      expect(await log.cancel(session, cancelled)).toMatchObject({ state: 'stopping' });
    });
    await Promise.all(writes);
    const bodies = await bodiesOf(logs[0] as SessionLog, session);
    expect(bodies).toHaveLength(4 * (2 + 25 + 1));
    expect(new Set(bodies).size).toBe(bodies.length);
    await cleanup();
  },
);

/** A log, and the appends that came to it. */
function counted() {
  const plain = createMemoryLog();
  const append = plain.append.bind(plain);
  const seqs: number[] = [];
  const log: SessionLog = Object.assign(plain, {
    append: ((session, given) => {
      seqs.push(given.seq);
      return append(session, given);
    }) satisfies SessionLog['append'],
  });
  return { log, seqs };
}

const appendAt = (seq: number) => ({ run: 'r1', attempt: 1, seq, entry: entry(`chunk ${seq}`) });
const appended = { kind: 'appended', cancelled: false };

it('HF-LOG-36: writes of one process that come at once follow one another, and none is tried twice', async () => {
  const { log: plain, seqs } = counted();
  const log = createEncryptedLog(plain, { keys: [current] });
  const session = newSession();
  await log.send(session, sendOf('c1', 'r1'));
  const outcomes = await Promise.all([1, 2, 3, 4].map((seq) => log.append(session, appendAt(seq))));
  expect(outcomes).toEqual([appended, appended, appended, appended]);
  expect(seqs).toEqual([1, 2, 3, 4]);
});

it.each(['head', 'read', 'open'] as const)(
  'HF-LOG-36: a process that has looked at a session (%s) writes behind what it saw',
  async (look) => {
    const { log: plain, seqs } = counted();
    const session = newSession();
    await createEncryptedLog(plain, { keys: [current] }).send(session, sendOf('c1', 'r1'));
    const log = createEncryptedLog(plain, { keys: [current] });
    if (look === 'head') await log.head(session);
    else if (look === 'read') await log.read(session, { after: null, limit: 9 });
    else await log.open(session, { limit: 9 });
    expect(await log.append(session, appendAt(1))).toEqual(appended);
    expect(seqs).toEqual([1]);
  },
);

it.each(stores)('HF-LOG-38: what fits without encryption fits with it %s', async (_, make) => {
  const { log: plain, cleanup } = make();
  const log = createEncryptedLog(plain, { keys: [current] });
  const session = newSession();
  const { entryBytes } = defaultLimits;
  const whole = 'x'.repeat(entryBytes);
  await log.send(session, sendOf('c1', 'r1', { entries: [entry(whole)] }));
  for (const [at, bytes] of [200_000, 262_000, entryBytes].entries()) {
    const append = { run: 'r1', attempt: 1, seq: at + 1, entry: entry('y'.repeat(bytes)) };
    expect(await log.append(session, append)).toMatchObject({ kind: 'appended' });
  }
  const over = { run: 'r1', attempt: 1, seq: 4, entry: entry(`${whole}x`) };
  await expect(log.append(session, over)).rejects.toMatchObject({
    code: 'too_large',
    message: `unable to write the entry: its ${entryBytes + 1} bytes are over the limit of ${entryBytes}`,
  });
  expect((await log.head(session))?.bytes).toBe(2 * entryBytes + 462_000);
  const changes = [{ at: 0, key: 'k0', body: whole }];
  expect(await store(log, session, changes, { state: whole })).toBe('done');
  expect(await log.open(session, { limit: 1 })).toMatchObject({ state: whole, items: [whole] });
  const deliveries = await collect(log, session);
  await log.signal(session, 's'.repeat(signalBytes));
  await expect.poll(() => deliveries).toEqual([{ kind: 'signal', text: 's'.repeat(signalBytes) }]);
  await expect(log.signal(session, 's'.repeat(signalBytes + 1))).rejects.toMatchObject({
    code: 'too_large',
  });
  await cleanup();
});

const digestOf = (text: string): string =>
  createHash('sha256').update(text).digest('base64url').slice(0, 16);

const saying = (text: string, command = 'c1'): SendCommand => ({
  ...sendOf(command),
  digest: digestOf(text),
});

it('HF-LOG-37: a PIN is not found by trying them against what the store keeps', async () => {
  const plain = new MemoryLog();
  const log = createEncryptedLog(plain, { keys: [current] });
  const [session, another] = [newSession(), newSession()];
  await log.send(session, saying('4711'));
  await log.send(another, saying('4711'));
  await log.send(session, saying('4712', 'c2'));
  const kept = [...plain.sessions.values()].flatMap(({ commands }) =>
    [...commands.values()].map(({ digest = '' }) => digest),
  );
  expect(new Set(kept).size).toBe(3);
  // Those around the right one; the others are found no sooner.
  const pins = Array.from({ length: 400 }, (_, at) => String(4_500 + at));
  const guesses = pins.flatMap((pin) => [pin, digestOf(pin)]);
  const known = [session, another, '2026', 'c1', ''];
  for (const guess of guesses) {
    const tries = [
      createHash('sha256').update(guess),
      ...known.map((key) => createHmac('sha256', key).update(guess)),
    ];
    for (const each of tries) {
      const text = each.digest('base64url');
      expect(kept.some((digest) => text.startsWith(digest) || digest === guess)).toBe(false);
    }
  }
});

it.each(stores)(
  'HF-LOG-37: a send that is repeated is known by whatever key it came first %s',
  async (_, make) => {
    const { log: plain, cleanup } = make();
    const before = createEncryptedLog(plain, { keys: [old] });
    const after = createEncryptedLog(plain, { keys: [current, old] });
    const session = newSession();
    const accepted = { kind: 'accepted' };
    expect(await before.send(session, saying('hello'))).toMatchObject(accepted);
    expect(await after.send(session, saying('hello'))).toMatchObject({ kind: 'duplicate' });
    expect(await after.send(session, saying('another'))).toEqual({ kind: 'refused', why: 'other' });
    expect(await after.send(session, saying('new', 'c2'))).toMatchObject(accepted);
    // Processes that know both keys, before the new one is put in front everywhere.
    const during = createEncryptedLog(plain, { keys: [old, current] });
    expect(await during.send(session, saying('new', 'c2'))).toMatchObject({ kind: 'duplicate' });
    expect(await during.send(session, saying('not new', 'c2'))).toEqual({
      kind: 'refused',
      why: 'other',
    });
    expect(await bodiesOf(after, session)).toHaveLength(4);
    await cleanup();
  },
);

it.each(stores)('HF-LOG-37: a message is found by its key after a rotation %s', async (_, make) => {
  const { log: plain, cleanup } = make();
  const before = createEncryptedLog(plain, { keys: [old] });
  const after = createEncryptedLog(plain, { keys: [current, old] });
  const session = newSession();
  const item = (at: number) => ({ at, key: `key ${at}`, body: `message ${at}` });
  await before.send(session, sendOf('c1', 'r1'));
  await store(before, session, [item(0)]);
  await after.append(session, { run: 'r1', attempt: 1, seq: 1, entry: entry('more') });
  await store(after, session, [item(1)], { count: 2 });
  expect(await after.find(session, 'key 0')).toMatchObject({ at: 0 });
  expect(await after.find(session, 'key 1')).toMatchObject({ at: 1 });
  expect(await plain.find(session, 'key 1')).toBeNull();
  expect(await after.find(session, 'key 2')).toBeNull();
  expect(await after.open(session, { limit: 9 })).toMatchObject({
    items: ['message 0', 'message 1'],
  });
  await cleanup();
});

it('HF-LOG-36: a checkpoint that says no state keeps the one that there was', async () => {
  const log = createEncryptedLog(createMemoryLog(), { keys: [current] });
  const session = newSession();
  await log.send(session, sendOf('c1', 'r1', { leaseMs: longMs }));
  const item = (at: number) => ({ at, key: `key ${at}`, body: `message ${at}` });
  await store(log, session, [item(0)], { state: 'kept' });
  await log.append(session, { run: 'r1', attempt: 1, seq: 1, entry: entry('more') });
  expect(await store(log, session, [item(1)], { count: 2 })).toBe('done');
  const { top = '' } = (await log.head(session)) ?? {};
  expect(await store(log, session, [], { count: 2, trim: top })).toBe('done');
  expect(await store(log, session, [], { count: 1 })).toBe('done');
  expect(await log.open(session, { limit: 9 })).toMatchObject({
    ...{ state: 'kept', items: ['message 0'], entries: [], floor: top },
  });
});

it('HF-LOG-36: what an earlier version encrypted is refused with words, also while a store moves', async () => {
  const plain = createMemoryLog();
  const session = newSession();
  await plain.send(session, { command: 'c1', entries: [entry('enc1.2026.AAAA')] });
  const log = createEncryptedLog(plain, { keys: [current], allowPlain: true });
  await expect(log.read(session, { after: null, limit: 9 })).rejects.toMatchObject({
    code: 'internal',
    message: 'unable to read the session: it was encrypted by an earlier version; delete it',
  });
});

it('HF-LOG-37: a send that came before there was encryption is known again while a store moves', async () => {
  const plain = createMemoryLog();
  const session = newSession();
  const send = { ...sendOf('c1', 'r1'), digest: 'of what it says' };
  await plain.send(session, send);
  const log = createEncryptedLog(plain, { keys: [current, old], allowPlain: true });
  expect(await log.send(session, send)).toMatchObject({
    ...{ kind: 'duplicate', run: { info: 'info of r1', state: 'running' } },
  });
  expect(await log.send(session, { ...send, digest: 'of another' })).toEqual(refused('other'));
  const strict = createEncryptedLog(plain, { keys: [current] });
  expect(await strict.send(session, send)).toEqual(refused('other'));
});
