import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type {} from '@holdfast/testkit/redis-global-setup';
import { Redis } from 'ioredis';
import { createStorage } from 'unstorage';
import fsDriver from 'unstorage/drivers/fs';
import s3Driver from 'unstorage/drivers/s3';
import { afterAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { deleting } from '../src/conformance/deleting.ts';
import { files } from '../src/conformance/files.ts';
import { type MakeLog, newSession, sendOf, topicOf } from '../src/conformance/kit.ts';
import { createEncryptedLog } from '../src/encrypted/index.ts';
import {
  createMemoryLog,
  type FileInfo,
  type FileStore,
  type SessionLog,
  withFileStore,
} from '../src/index.ts';
import { memoryUnderTest } from './support/memory-under-test.ts';
import { playedS3 } from './support/played-s3.ts';
import { redisUnderTest } from './support/redis-under-test.ts';

const admin = new Redis(inject('redisUrl'));
afterAll(() => admin.disconnect());

/** A store that keeps all in a map. */
const inMap = (): FileStore & { readonly all: Map<string, Uint8Array> } => {
  const all = new Map<string, Uint8Array>();
  return {
    all,
    setItemRaw: async (key, value) => void all.set(key, value),
    getItemRaw: async (key) => all.get(key) ?? null,
    removeItem: async (key) => void all.delete(key),
  };
};

/** What every log owes, of that which a store of files takes a part in. */
function conformance(makeLog: MakeLog): void {
  const topic = topicOf(makeLog);
  files(topic);
  deleting(topic);
}

describe('the memory log with a store of files', () =>
  conformance(async (limits) => {
    const under = memoryUnderTest(limits);
    return { ...under, log: withFileStore(under.log, inMap(), { limits }) };
  }));

describe('the Redis log with a store of files, encrypted', () =>
  conformance(async (limits) => {
    const under = redisUnderTest(inject('redisUrl'), admin, limits);
    const key = crypto.getRandomValues(new Uint8Array(32));
    const stored = withFileStore(under.log, inMap(), { limits });
    return { ...under, log: createEncryptedLog(stored, { keys: [{ id: 'k', key }] }) };
  }));

const bytesOf = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => (at * 131 + seed * 17 + (at >> 8)) & 255);

const fileOf = (pieces: readonly Uint8Array[]): FileInfo => {
  const bytes = Buffer.concat(pieces);
  const digest = createHash('sha256').update(bytes).digest('base64url');
  return { digest, bytes: bytes.length, mediaType: 'image/png', pieces: pieces.length };
};

async function keep(
  log: SessionLog,
  session: string,
  pieces: readonly Uint8Array[],
  upload: string = crypto.randomUUID(),
): Promise<FileInfo> {
  for (const [at, piece] of pieces.entries())
    expect(await log.putPiece(session, upload, at, piece)).toBe('put');
  const file = fileOf(pieces);
  expect(await log.keepFile(session, upload, file)).not.toBe('incomplete');
  return file;
}

const wholeOf = async (log: SessionLog, session: string, file: FileInfo): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < file.pieces; at++)
    pieces.push((await log.readPiece(session, file, at)) ?? Buffer.from('missing'));
  return Buffer.concat(pieces);
};

async function folder(): Promise<string> {
  const base = await mkdtemp(join(tmpdir(), 'files-'));
  onTestFinished(() => rm(base, { recursive: true, force: true }));
  return base;
}

/** Real drivers, with how many pieces each has. */
const drivers: Readonly<
  Record<string, () => Promise<{ readonly store: FileStore; readonly count: () => number }>>
> = {
  'a file system': async () => {
    const base = await folder();
    const count = () =>
      readdirSync(base, { recursive: true, withFileTypes: true }).filter((each) => each.isFile())
        .length;
    return { store: createStorage({ driver: fsDriver({ base }) }), count };
  },
  S3: async () => {
    const { endpoint, objects } = await playedS3();
    const driver = s3Driver({
      ...{ endpoint, bucket: 'files', region: 'eu' },
      ...{ accessKeyId: 'id', secretAccessKey: 'secret' },
    });
    return { store: createStorage({ driver }), count: () => objects.size };
  },
};

it.each(Object.entries(drivers))(
  'HF-LOG-43: bytes lie in %s, once, and go with their session',
  async (_, make) => {
    const { store, count } = await make();
    const below = createMemoryLog();
    const log = withFileStore(below, store);
    await log.ready();
    expect(count()).toBe(0);
    const [session, other] = [newSession(), newSession()];
    const pieces = [bytesOf(200_000), bytesOf(70_000, 2)];
    for (const each of [session, other]) {
      await log.send(each, sendOf('c1'));
      await keep(log, each, pieces);
    }
    const file = await keep(log, session, pieces);
    expect(count()).toBe(4);
    expect(await wholeOf(log, session, file)).toEqual(Buffer.concat(pieces));
    // The log has no byte of it.
    expect((await below.readPiece(session, file, 0))?.byteLength).toBeLessThan(64);
    await log.putPiece(session, 'given up', 0, bytesOf(100));
    expect(await log.delete(session)).toBe(true);
    expect(count()).toBe(2);
    expect(await wholeOf(log, other, file)).toEqual(Buffer.concat(pieces));
  },
);

it('HF-LOG-43: what is replaced, given up or known already is removed, and what files are made of is not', async () => {
  const store = inMap();
  const log = withFileStore(createMemoryLog(), store);
  const session = newSession();
  const file = await keep(log, session, [bytesOf(10), bytesOf(20)], 'u');
  for (let at = 0; at < 5; at++) await log.putPiece(session, 'u', 0, bytesOf(30, at));
  expect(store.all.size).toBe(3);
  await keep(log, session, [bytesOf(10), bytesOf(20)], 'u');
  expect(store.all.size).toBe(2);
  expect(await wholeOf(log, session, file)).toHaveLength(30);
});

it('HF-LOG-43: an upload that is forgotten goes from the store with the next piece', async () => {
  const store = inMap();
  let now = 0;
  const log = withFileStore(createMemoryLog({ now: () => now }), store);
  const session = newSession();
  await log.send(session, sendOf('c1'));
  for (let at = 0; at < 3; at++) await log.putPiece(session, 'given up', at, bytesOf(10));
  now += 3_600_000;
  await log.putPiece(session, 'u', 0, bytesOf(10));
  expect(store.all.size).toBe(1);
});

it('HF-LOG-43: what lies in the store counts as much as it would in the log', async () => {
  const store = inMap();
  const log = withFileStore(createMemoryLog({ limits: { sessionFileBytes: 3_000 } }), store);
  const session = newSession();
  expect(await log.putPiece(session, 'u', 0, bytesOf(2_000))).toBe('put');
  expect(await log.putPiece(session, 'u', 1, bytesOf(2_000))).toBe('full');
  expect(store.all.size).toBe(1);
});

it('HF-LOG-43: files from before the store stay readable', async () => {
  const below = createMemoryLog();
  const session = newSession();
  const file = await keep(below, session, [bytesOf(40)]);
  expect(await wholeOf(withFileStore(below, inMap()), session, file)).toEqual(
    Buffer.from(bytesOf(40)),
  );
});

const failing = (error: unknown): FileStore => {
  const fail = async (): Promise<never> => {
    throw error;
  };
  return { setItemRaw: fail, getItemRaw: fail, removeItem: fail };
};

it.each([
  ['away', failing(new Error('connect ECONNREFUSED')), 'unavailable', /fileStore`: connect ECON/],
  [
    'full',
    failing(Object.assign(new Error('no'), { code: 'ENOSPC' })),
    'full',
    /no room for files/,
  ],
  ['over its quota', failing(Object.assign(new Error('no'), { status: 507 })), 'full', /no room/],
  [
    'hanging',
    { ...inMap(), setItemRaw: () => new Promise(() => {}) },
    'unavailable',
    /no answer in time/,
  ],
  ['throwing at once', { ...inMap(), setItemRaw: thrown }, 'unavailable', /fileStore`: at once/],
] as const)('HF-LOG-43: a store that is %s is told with words', async (_, store, code, words) => {
  const below = createMemoryLog();
  const log = withFileStore(below, store as FileStore, { timeoutMs: 20 });
  const session = newSession();
  const refused = { code, message: expect.stringMatching(words) };
  await expect(log.ready()).rejects.toMatchObject(refused);
  await expect(log.putPiece(session, 'u', 0, bytesOf(10))).rejects.toMatchObject(refused);
  expect(await log.piecesOf(session, 'u')).toBe(0);
});

function thrown(): never {
  throw new Error('at once');
}

it('HF-LOG-43: a store that may take as long as it likes is waited for', async () => {
  const store = inMap();
  // Longer than the 1 ms that Node makes of a time without end.
  const setItemRaw: FileStore['setItemRaw'] = (...given) =>
    setTimeout(5).then(() => store.setItemRaw(...given));
  const late = { ...store, setItemRaw };
  const log = withFileStore(createMemoryLog(), late, { timeoutMs: Number.POSITIVE_INFINITY });
  expect(await log.putPiece(newSession(), 'u', 0, bytesOf(10))).toBe('put');
});

it('HF-LOG-43: a store that gives back other bytes is refused at the start, and so is a piece', async () => {
  const texts = { ...inMap(), getItemRaw: async () => 'text' };
  await expect(withFileStore(createMemoryLog(), texts).ready()).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining('gives back other bytes'),
  });
  const store = inMap();
  const log = withFileStore(createMemoryLog(), store);
  const session = newSession();
  const file = await keep(log, session, [bytesOf(40)]);
  for (const key of store.all.keys()) store.all.set(key, bytesOf(39));
  await expect(log.readPiece(session, file, 0)).rejects.toMatchObject({ code: 'internal' });
  // What a rule of the store has removed is missing, and no fault.
  store.all.clear();
  expect(await log.readPiece(session, file, 0)).toBeNull();
});

it('HF-LOG-43: a session whose files cannot be removed is not deleted, until they can', async () => {
  const store = inMap();
  let isAway = true;
  const log = withFileStore(createMemoryLog(), {
    ...store,
    removeItem: async (key) => {
      if (isAway) throw new Error('away');
      await store.removeItem(key);
    },
  });
  const session = newSession();
  await log.send(session, sendOf('c1'));
  await keep(
    log,
    session,
    Array.from({ length: 40 }, (_, at) => bytesOf(10, at)),
  );
  await expect(log.delete(session)).rejects.toMatchObject({ code: 'unavailable' });
  expect(await log.head(session)).not.toBeNull();
  isAway = false;
  expect(await log.delete(session)).toBe(true);
  expect(store.all.size).toBe(0);
});

it('HF-LOG-43: a piece that was on its way when its session was deleted stays nowhere', async () => {
  const store = inMap();
  const gate = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const log = withFileStore(createMemoryLog(), {
    ...store,
    setItemRaw: async (key, value) => {
      reached.resolve();
      await gate.promise;
      await store.setItemRaw(key, value);
    },
  });
  const session = newSession();
  await log.send(session, sendOf('c1'));
  const put = log.putPiece(session, 'u', 0, bytesOf(10));
  await reached.promise;
  await log.delete(session);
  gate.resolve();
  await put;
  expect(store.all.size).toBe(0);
});
