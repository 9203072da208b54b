import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { newSession, sendOf } from '../src/conformance/kit.ts';
import type { FileInfo, SessionLog } from '../src/index.ts';
import { pieceExtra } from '../src/limits.ts';
import type { Keys } from '../src/redis/keys.ts';
import { unavailable, untilKnown } from './support/outages.ts';
import { redisFixture } from './support/redis-fixture.ts';

const bytesOf = (length: number, seed: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, at) => (at * 131 + seed * 17 + (at >> 8)) & 255));

const pieces = Array.from({ length: 6 }, (_, at) => bytesOf(50_000, at));
const whole = Buffer.concat(pieces);
const file: FileInfo = {
  digest: createHash('sha256').update(whole).digest('base64url'),
  ...{ bytes: whole.length, mediaType: 'image/png', pieces: pieces.length },
};

async function readBack(log: SessionLog, session: string): Promise<Buffer> {
  const read = pieces.map((_, at) => log.readPiece(session, file, at));
  return Buffer.concat((await Promise.all(read)).map((piece) => piece ?? Buffer.from('missing')));
}

/** Redis has each piece once, and counts no more than that. */
async function expectOnce(admin: Redis, keys: Keys, session: string): Promise<void> {
  const { files, uploads } = keys.of(session);
  const fields = await admin.hkeys(files);
  expect(fields.filter((field) => field.startsWith('p:'))).toHaveLength(pieces.length);
  expect(Number(await admin.hget(files, 'b'))).toBe(whole.length + pieces.length * pieceExtra);
  expect(await admin.hlen(uploads)).toBe(0);
}

it('HF-LOG-39: Redis is killed in the middle of an upload: it goes on, and nothing is there twice', async () => {
  const { log, server, admin, keys } = await redisFixture({ appendfsync: 'always' });
  const session = newSession();
  await log.putPiece(session, 'u', 0, pieces[0] as Buffer);
  // Of these some are there, of some nobody knows, and some never came.
  const rest = pieces.slice(1).map((piece, at) => log.putPiece(session, 'u', at + 1, piece));
  const settled = Promise.allSettled(rest);
  await Promise.race(rest);
  await server.kill();
  await settled;
  await expect(log.piecesOf(session, 'u')).rejects.toMatchObject(unavailable);
  await server.start();
  const first = await untilKnown(() => log.piecesOf(session, 'u'));
  expect(first).toBeGreaterThan(0);
  for (let at = first; at < pieces.length; at++)
    await untilKnown(() => log.putPiece(session, 'u', at, pieces[at] as Buffer));
  expect(await log.keepFile(session, 'u', file)).toBe('kept');
  await server.kill();
  await server.start();
  expect(await untilKnown(() => log.fileInfo(session, file.digest))).toEqual(file);
  expect(await untilKnown(() => log.keepFile(session, 'u', file))).toBe('known');
  expect((await readBack(log, session)).equals(whole)).toBe(true);
  await expectOnce(admin, keys, session);
}, 60_000);

it('HF-LOG-39: a piece and a file whose replies were lost are put and kept once', async () => {
  const { log, proxy, admin, keys } = await redisFixture();
  const session = newSession();
  // Loads the scripts: a first use takes two commands.
  const loading = newSession();
  await log.putPiece(loading, 'loads', 0, Buffer.from('x'));
  await log.keepFile(loading, 'loads', { ...file, pieces: 1 });
  const lost = async (words: string, write: () => Promise<unknown>): Promise<unknown> => {
    proxy.swallowNextReply((request) => request.includes(words));
    await expect(write()).rejects.toMatchObject(unavailable);
    return await untilKnown(write);
  };
  const put = (at: number) => log.putPiece(session, 'name of it', at, pieces[at] as Buffer);
  expect(await lost('name of it', () => put(0))).toBe('put');
  for (let at = 1; at < pieces.length; at++) await put(at);
  expect(await lost(file.digest, () => log.keepFile(session, 'name of it', file))).toBe('known');
  expect((await readBack(log, session)).equals(whole)).toBe(true);
  await expectOnce(admin, keys, session);
});

it('HF-LOG-39: what a failover took of an upload is told, and put again', async () => {
  const { log, snapshot, admin, keys } = await redisFixture();
  const session = newSession();
  await log.send(session, sendOf('c1'));
  for (let at = 0; at < 3; at++) await log.putPiece(session, 'u', at, pieces[at] as Buffer);
  const restore = await snapshot(session);
  for (let at = 3; at < pieces.length; at++)
    await log.putPiece(session, 'u', at, pieces[at] as Buffer);
  await log.keepFile(session, 'u', file);
  await restore();
  expect(await log.fileInfo(session, file.digest)).toBeNull();
  expect(await log.keepFile(session, 'u', file)).toBe('incomplete');
  expect(await log.piecesOf(session, 'u')).toBe(3);
  for (let at = 3; at < pieces.length; at++)
    await log.putPiece(session, 'u', at, pieces[at] as Buffer);
  expect(await log.keepFile(session, 'u', file)).toBe('kept');
  await expectOnce(admin, keys, session);
});

it('HF-LOG-41: files have the time of their session, and never less than an upload has', async () => {
  const { log, admin, keys } = await redisFixture();
  const session = newSession();
  const { meta, files } = keys.of(session);
  await log.putPiece(session, 'u', 0, Buffer.from('x'));
  expect(await admin.pttl(files)).toBeLessThanOrEqual(3_600_000);
  await log.send(session, sendOf('c1'));
  const [ofSession, ofFiles] = [await admin.pttl(meta), await admin.pttl(files)];
  expect(ofFiles).toBeGreaterThan(3_600_000);
  expect(Math.abs(ofSession - ofFiles)).toBeLessThan(60_000);
  // A session that is about to end keeps what was uploaded for a message that may still come.
  for (const key of [meta, files]) await admin.pexpire(key, 10_000);
  await log.putPiece(session, 'u', 0, Buffer.from('x'));
  expect(await admin.pttl(files)).toBeGreaterThan(3_000_000);
  // And one that goes on takes its files along.
  await log.open(session, { limit: 1 });
  await expect.poll(() => admin.pttl(files)).toBeGreaterThan(3_600_000);
});
