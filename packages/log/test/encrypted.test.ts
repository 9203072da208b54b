import type {} from '@holdfast/testkit/redis-global-setup';
import { Redis } from 'ioredis';
import { afterAll, expect, inject, it, onTestFinished } from 'vitest';
import { type LogUnderTest, sessionLogConformance } from '../src/conformance/index.ts';
import { bodiesOf, collect, entry, newSession, sendOf, startRun } from '../src/conformance/kit.ts';
import {
  createEncryptedLog,
  type EncryptionKey,
  type EncryptionOptions,
} from '../src/encrypted/index.ts';
import { createFeeds, createMemoryLog, type SessionLog } from '../src/index.ts';
import { createRedisLog } from '../src/redis/index.ts';
import { numbers, teller } from './support/feed-fixture.ts';
import { memoryUnderTest } from './support/memory-under-test.ts';
import { newPrefix, redisUnderTest } from './support/redis-under-test.ts';

const keyOf = (id: string): EncryptionKey => ({
  id,
  key: crypto.getRandomValues(new Uint8Array(32)),
});
const [old, current] = [keyOf('2025'), keyOf('2026')];

const admin = new Redis(inject('redisUrl'));
afterAll(() => admin.disconnect());

/** The whole suite, its faults included: they act behind the log that is encrypted. */
const encrypted = (under: LogUnderTest): LogUnderTest => ({
  ...under,
  log: createEncryptedLog(under.log, { keys: [current] }),
});

sessionLogConformance('the encrypted log in memory', async (limits) =>
  encrypted(memoryUnderTest(limits)),
);

sessionLogConformance('the encrypted log on Redis', async (limits) =>
  encrypted(redisUnderTest(inject('redisUrl'), admin, limits)),
);

/** Everything that Redis keeps under a prefix, whatever its type. */
async function dumpOf(prefix: string): Promise<string> {
  const texts: string[] = [];
  for (const key of await admin.keys(`${prefix}:*`)) {
    const type = await admin.type(key);
    if (type === 'hash') texts.push(JSON.stringify(await admin.hgetall(key)));
    else if (type === 'stream') texts.push(JSON.stringify(await admin.xrange(key, '-', '+')));
    else if (type === 'list') texts.push(JSON.stringify(await admin.lrange(key, 0, -1)));
    else texts.push(String(await admin.get(key)));
    const dump = await admin.dumpBuffer(key);
    texts.push(dump?.toString('latin1') ?? '');
  }
  return texts.join('\n');
}

it('HF-LOG-35: what Redis keeps and publishes shows no words', async () => {
  const prefix = newPrefix();
  const log = createEncryptedLog(createRedisLog({ redis: inject('redisUrl'), prefix }), {
    keys: [current],
  });
  onTestFinished(() => log.close());
  const published: string[] = [];
  const spy = new Redis(inject('redisUrl'));
  onTestFinished(() => spy.disconnect());
  await spy.psubscribe(`${prefix}:*`);
  spy.on('pmessage', (_, __, text: string) => published.push(text));
  const session = newSession();
  const word = 'rhubarb';
  await log.seed(session, {
    items: [{ key: `key ${word}`, body: `seeded ${word}` }],
    entry: entry(`entry ${word}`),
  });
  const run = { run: 'r1', info: `info ${word}`, leaseMs: 60_000, stopped: entry(word) };
  await log.send(session, { command: 'c1', entries: [entry(`message ${word}`)], run });
  await log.append(session, { run: 'r1', attempt: 1, seq: 1, entry: entry(`chunk ${word}`) });
  await log.cancel(session, { target: { run: 'r1' }, entry: () => entry(`cancel ${word}`) });
  await log.signal(session, `typing ${word}`);
  const { epoch = '', top = '', checkpoint = '' } = (await log.head(session)) ?? {};
  const changes = [{ at: 1, key: word, body: `stored ${word}` }];
  await log.checkpoint(session, {
    ...{ epoch, from: checkpoint, through: top, count: 2, changes, keep: 2, trim: null },
  });
  const dump = await dumpOf(prefix);
  expect(dump).toContain('enc2.2026.');
  expect(dump).not.toContain(word);
  await expect.poll(() => published.length).toBeGreaterThan(4);
  expect(published.join('\n')).not.toContain(word);
  expect((await log.open(session, { limit: 9 }))?.items).toEqual([
    `seeded ${word}`,
    `stored ${word}`,
  ]);
  expect(await log.find(session, word)).toMatchObject({ at: 1 });
});

it('HF-LOG-35: a new key in front encrypts, and what the old one encrypted stays readable', async () => {
  const store = createMemoryLog();
  const before = createEncryptedLog(store, { keys: [old] });
  const { session, append } = await startRun(before);
  const after = createEncryptedLog(store, { keys: [current, old] });
  await append(1);
  await after.append(session, { run: 'r1', attempt: 1, seq: 2, entry: entry('newer') });
  expect((await bodiesOf(store, session)).map((body) => body.split('.')[1])).toEqual([
    '2025',
    '2025',
    '2025',
    '2026',
  ]);
  expect((await bodiesOf(after, session)).slice(-2)).toEqual(['chunk 1', 'newer']);
});

it('HF-LOG-35: with a key that is missing or wrong reading fails as a whole and changes nothing', async () => {
  const store = createMemoryLog();
  const right = createEncryptedLog(store, { keys: [current] });
  const { session } = await startRun(right);
  const before = await bodiesOf(store, session);
  const wrong: readonly (readonly [SessionLog, RegExp])[] = [
    [createEncryptedLog(store, { keys: [old] }), /the key "2026", which is not among/],
    [createEncryptedLog(store, { keys: [keyOf('2026')] }), /the key "2026" does not fit/],
  ];
  for (const [log, words] of wrong) {
    const calls = [
      log.read(session, { after: null, limit: 9 }),
      log.open(session, { limit: 9 }),
      log.head(session),
    ];
    for (const result of await Promise.allSettled(calls)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'internal' } });
      expect(String((result as PromiseRejectedResult).reason)).toMatch(words);
    }
  }
  expect(await bodiesOf(store, session)).toEqual(before);
  expect((await bodiesOf(right, session)).length).toBe(before.length);
});

it('HF-LOG-35: a text that was moved to another session or place is refused', async () => {
  const store = createMemoryLog();
  const log = createEncryptedLog(store, { keys: [current] });
  const { session } = await startRun(log);
  const [stolen = ''] = await bodiesOf(store, session);
  const other = newSession();
  await store.send(other, sendOf('c1', undefined, { entries: [entry(stolen)] }));
  await expect(log.read(other, { after: null, limit: 9 })).rejects.toThrow(/does not fit/);
  const moved = newSession();
  await store.seed(moved, { items: [{ key: 'k', body: stolen }], entry: entry('x') });
  await expect(log.items(moved, { before: 9, limit: 9 })).rejects.toThrow(/does not fit/);
});

it('HF-LOG-35: plain texts are refused, and let through while a store moves', async () => {
  const store = createMemoryLog();
  const { session } = await startRun(store);
  const strict = createEncryptedLog(store, { keys: [current] });
  await expect(bodiesOf(strict, session)).rejects.toThrow(/not encrypted/);
  const moving = createEncryptedLog(store, { keys: [current], allowPlain: true });
  await moving.append(session, { run: 'r1', attempt: 1, seq: 1, entry: entry('sealed') });
  expect((await bodiesOf(moving, session)).at(-1)).toBe('sealed');
});

it('a delivery that cannot be decrypted comes without its body, in its place', async () => {
  const store = createMemoryLog();
  const log = createEncryptedLog(store, { keys: [current] });
  const session = newSession();
  const deliveries = await collect(log, session);
  await log.send(session, sendOf('c1', undefined, { entries: [entry('one')] }));
  await store.send(session, sendOf('c2', undefined, { entries: [entry('two')] }));
  await log.send(session, sendOf('c3', undefined, { entries: [entry('three')] }));
  await expect.poll(() => deliveries.length).toBe(3);
  expect(deliveries.map((each) => 'body' in each && each.body)).toEqual(['one', null, 'three']);
});

it.each([
  ['no keys', []],
  ['an id twice', [current, current]],
  ['an id that could end it', [{ ...current, id: 'a.b' }]],
  ['a key of 16 bytes', [{ id: 'short', key: new Uint8Array(16) }]],
  ['a key as text', [{ id: 'k', key: 'c2VjcmV0LXNlY3JldA==' }]],
  ['a key whose variable is not set', [{ id: 'k', key: undefined }]],
  ['a key of something else', [{ id: 'k', key: {} }]],
  ['a key without an id', [{ key: new Uint8Array(32) }]],
  ['a bare key', [new Uint8Array(32)]],
  ['one key in the place of a list', current],
  ['no list', undefined],
])('refuses %s at once, and tells nothing of a key', (_, keys) => {
  const make = () =>
    createEncryptedLog(createMemoryLog(), { keys } as unknown as EncryptionOptions);
  expect(make).toThrow(/^unable to encrypt: .*([;:?] |must be its own)/);
  expect(make).not.toThrow(/c2VjcmV0/);
});

it.each([undefined, null])('asks of a key that is %s whether its variable is set', (key) => {
  const keys = [{ id: 'k', key }] as unknown as EncryptionKey[];
  const make = () => createEncryptedLog(createMemoryLog(), { keys });
  expect(make).toThrow(/the key "k" is not there; is its variable set\?$/);
});

it('`ready` looks at every key, also at one that only decrypts older texts', async () => {
  const key = await crypto.subtle.generateKey({ name: 'AES-CBC', length: 256 }, false, ['encrypt']);
  const log = createEncryptedLog(createMemoryLog(), { keys: [current, { id: 'older', key }] });
  await expect(log.ready()).rejects.toThrow(/the key "older" is not an AES-256-GCM key/);
});

it.each([
  ['may only decrypt', 'AES-GCM', ['decrypt']],
  ['belongs to another cipher', 'AES-CBC', ['encrypt', 'decrypt']],
] as const)('HF-LOG-35: a key that %s writes nothing', async (_, name, usages) => {
  const store = createMemoryLog();
  const key = await crypto.subtle.generateKey({ name, length: 256 }, false, [...usages]);
  const log = createEncryptedLog(store, { keys: [{ id: 'given', key }] });
  const session = newSession();
  const refused = {
    code: 'internal',
    message: expect.stringMatching(/^unable to encrypt: the key "given"/),
  };
  await expect(log.ready()).rejects.toMatchObject(refused);
  await expect(log.send(session, sendOf('c1', 'r1'))).rejects.toMatchObject(refused);
  expect(await store.head(session)).toBeNull();
});

it('a key of the platform works as its bytes do', async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const key = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
  const store = createMemoryLog();
  const { session } = await startRun(createEncryptedLog(store, { keys: [{ id: 'k', key }] }));
  const other = createEncryptedLog(store, { keys: [{ id: 'k', key: bytes }] });
  expect(await bodiesOf(other, session)).toEqual(['message of c1', 'start of r1']);
});

it('HF-LOG-4: a write that is repeated encrypts anew and still changes nothing', async () => {
  const store = createMemoryLog();
  const log = createEncryptedLog(store, { keys: [current] });
  const { session, append } = await startRun(log);
  const same = entry('once');
  await append(1, { entry: same });
  const before = await bodiesOf(store, session);
  expect(await append(1, { entry: same })).toMatchObject({ kind: 'duplicate' });
  const end = { end: 'finished', entry: entry('the end') } as const;
  await append(2, end);
  expect(await append(2, end)).toMatchObject({ kind: 'duplicate' });
  expect((await bodiesOf(store, session)).slice(0, -1)).toEqual(before);
});

it('texts come back to the letter, whatever is in them', async () => {
  const log = createEncryptedLog(createMemoryLog(), { keys: [current] });
  const texts = [
    '',
    '\0',
    '\uFEFFmark',
    'enc1.2026.AAAA',
    'enc2.2026.AAAA',
    '👩‍👩‍👧 ü',
    'x'.repeat(100_000),
  ];
  const session = newSession();
  await log.send(session, { command: 'c1', entries: texts.map(entry) });
  expect(await bodiesOf(log, session)).toEqual(texts);
});

it('HF-LOG-35: who follows with the wrong key is delivered nothing, and is told why', async () => {
  const store = createMemoryLog();
  const right = createEncryptedLog(store, { keys: [current] });
  const session = newSession();
  await right.send(session, sendOf('c1'));
  const errors: unknown[] = [];
  const feeds = createFeeds(createEncryptedLog(store, { keys: [old] }), {
    onError: (error) => errors.push(error),
  });
  onTestFinished(() => feeds.close());
  const told: string[] = [];
  const { feed } = await feeds.acquire(session);
  feed.listen(teller(told));
  await right.send(session, sendOf('c2'));
  await expect
    .poll(() => errors)
    .toMatchObject([{ code: 'internal', message: expect.stringContaining('not among') }]);
  expect(told).toEqual([]);
});

it('HF-LOG-13: more deliveries at once than can wait become a gap, and a follower misses none', async () => {
  const log = createEncryptedLog(createMemoryLog(), { keys: [current] });
  const session = newSession();
  const kinds: string[] = [];
  onTestFinished(await log.subscribe(session, ({ kind }) => kinds.push(kind)));
  const feeds = createFeeds(log, { limits: { pollMs: 600_000 } });
  onTestFinished(() => feeds.close());
  const told: string[] = [];
  const { feed } = await feeds.acquire(session);
  feed.listen(teller(told));
  const numbered = numbers(1, 1_500);
  await log.send(session, { command: 'c1', entries: numbered.map(entry) });
  await expect.poll(() => told).toEqual(numbered);
  expect(kinds.filter((kind) => kind === 'gap')).toHaveLength(1);
  expect(kinds.length).toBeLessThan(numbered.length);
});

it('HF-LOG-34: the log below hears that nothing is delivered', () => {
  const told: string[] = [];
  const below: SessionLog = Object.assign(createMemoryLog(), {
    undelivered: (session: string) => void told.push(session),
  });
  createEncryptedLog(below, { keys: [current] }).undelivered?.('s1');
  expect(told).toEqual(['s1']);
});
