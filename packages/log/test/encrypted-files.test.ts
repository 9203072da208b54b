import { createHash } from 'node:crypto';
import type {} from '@holdfast/testkit/redis-global-setup';
import { Redis } from 'ioredis';
import { expect, inject, it, onTestFinished } from 'vitest';
import { newSession } from '../src/conformance/kit.ts';
import { createEncryptedLog, type EncryptionKey } from '../src/encrypted/index.ts';
import { createMemoryLog, type FileInfo, type SessionLog } from '../src/index.ts';
import { redisUnderTest } from './support/redis-under-test.ts';

const keyOf = (id: string): EncryptionKey => ({
  id,
  key: crypto.getRandomValues(new Uint8Array(32)),
});
const [old, current] = [keyOf('2025'), keyOf('2026')];

const texts = (...pieces: readonly string[]): readonly Buffer[] =>
  pieces.map((text) => Buffer.from(text));

const fileOf = (pieces: readonly Buffer[]): FileInfo => {
  const bytes = Buffer.concat(pieces);
  const digest = createHash('sha256').update(bytes).digest('base64url');
  return { digest, bytes: bytes.length, mediaType: 'text/x-rhubarb', pieces: pieces.length };
};

async function keep(log: SessionLog, session: string, pieces: readonly Buffer[], upload = 'u') {
  const file = fileOf(pieces);
  for (const [at, piece] of pieces.entries()) await log.putPiece(session, upload, at, piece);
  return { file, outcome: await log.keepFile(session, upload, file) };
}

const read = async (log: SessionLog, session: string, digest: string, at = 0): Promise<string> =>
  Buffer.from((await log.readPiece(session, { digest }, at)) ?? []).toString();

it('HF-LOG-42: Redis has no byte of a file, nor its digest or its type', async () => {
  const admin = new Redis(inject('redisUrl'));
  const { log: store, keys, cleanup } = redisUnderTest(inject('redisUrl'), admin);
  onTestFinished(async () => {
    await cleanup();
    admin.disconnect();
  });
  const log = createEncryptedLog(store, { keys: [current] });
  const session = newSession();
  const { file } = await keep(log, session, texts('some rhubarb', 'and rhubarb'));
  await log.putPiece(session, 'v', 0, Buffer.from('more rhubarb'));
  const all = await admin.hgetallBuffer(keys.of(session).files);
  const dump = Object.entries(all)
    .flat()
    .map((each) => each.toString('latin1'))
    .join('\n');
  expect(dump).toContain('enc2.2026.');
  for (const word of ['rhubarb', file.digest]) expect(dump).not.toContain(word);
  expect(await log.fileInfo(session, file.digest)).toEqual(file);
  expect(await read(log, session, file.digest, 1)).toBe('and rhubarb');
});

it('HF-LOG-42: a piece is read in its place alone', async () => {
  const sessions: string[] = [];
  const store = createMemoryLog();
  const log = createEncryptedLog(store, { keys: [current] });
  const session = newSession();
  for (let at = 0; at < 2; at++) sessions.push(newSession());
  const { file } = await keep(log, session, texts('one', 'two'));
  const stolen = await Promise.all(
    [0, 1].map(async (at) => {
      await log.putPiece(session, 'u', at, texts('one', 'two')[at] as Buffer);
      return (await store.readPiece(session, { upload: 'u' }, at)) as Uint8Array;
    }),
  );
  const places: readonly (readonly [string, string, number, number])[] = [
    [sessions[0] ?? '', 'u', 0, 0],
    [session, 'v', 0, 0],
    [session, 'u', 1, 0],
    [session, 'u', 0, 1],
  ];
  for (const [to, upload, at, from] of places) {
    await store.putPiece(to, upload, at, stolen[from] as Uint8Array);
    await expect(log.readPiece(to, { upload }, at)).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('does not fit'),
    });
  }
  expect(await read(log, session, file.digest)).toBe('one');
});

it('HF-LOG-42: what is said of a file is bound to it', async () => {
  const store = createMemoryLog();
  const log = createEncryptedLog(store, { keys: [current] });
  const session = newSession();
  const { file } = await keep(log, session, texts('one'));
  const { file: other } = await keep(log, session, texts('two'));
  const kept = [...(store as unknown as Sessions).sessions.values()].flatMap((state) => [
    ...state.files.kept,
  ]);
  const [first, second] = kept.map(([, each]) => each);
  if (!first || !second) throw new Error('the files are not there');
  [first.info, second.info] = [
    { ...second.info, digest: first.info.digest },
    { ...first.info, digest: second.info.digest },
  ];
  for (const digest of [file.digest, other.digest])
    await expect(log.fileInfo(session, digest)).rejects.toMatchObject({ code: 'internal' });
});

/** What a log in memory holds, as tests may change it. */
interface Sessions {
  readonly sessions: Map<
    string,
    { readonly files: { readonly kept: Map<string, { info: FileInfo }> } }
  >;
}

it('HF-LOG-42: a file is known under every key that decrypts, and an upload may see two', async () => {
  const store = createMemoryLog();
  const session = newSession();
  const before = createEncryptedLog(store, { keys: [old] });
  const { file } = await keep(before, session, texts('one'));
  await before.putPiece(session, 'v', 0, Buffer.from('two'));
  const after = createEncryptedLog(store, { keys: [current, old] });
  expect(await keep(after, session, texts('one'))).toMatchObject({ outcome: 'known' });
  expect(await read(after, session, file.digest)).toBe('one');
  const both = texts('two', 'three');
  await after.putPiece(session, 'v', 1, Buffer.from('three'));
  expect(await after.keepFile(session, 'v', fileOf(both))).toBe('kept');
  for (const [at, text] of ['two', 'three'].entries())
    expect(await read(after, session, fileOf(both).digest, at)).toBe(text);
  // With the new key alone the old file is not there, and the old piece fails.
  const late = createEncryptedLog(store, { keys: [current] });
  expect(await late.fileInfo(session, file.digest)).toBeNull();
  await expect(read(late, session, fileOf(both).digest)).rejects.toThrow(
    /key "2025", which is not/,
  );
});

it('HF-LOG-42: files that are not encrypted are let through while a store moves, and not otherwise', async () => {
  const store = createMemoryLog();
  const session = newSession();
  const { file } = await keep(store, session, texts('one'));
  await store.putPiece(session, 'v', 0, Buffer.from('two'));
  const strict = createEncryptedLog(store, { keys: [current] });
  expect(await strict.fileInfo(session, file.digest)).toBeNull();
  await expect(strict.readPiece(session, { upload: 'v' }, 0)).rejects.toThrow(/not encrypted/);
  const moving = createEncryptedLog(store, { keys: [current], allowPlain: true });
  expect(await moving.fileInfo(session, file.digest)).toEqual(file);
  expect(await read(moving, session, file.digest)).toBe('one');
  expect(await keep(moving, session, texts('one'))).toMatchObject({ outcome: 'known' });
});
