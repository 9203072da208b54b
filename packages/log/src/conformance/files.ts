import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { FileInfo } from '../contract/files.ts';
import type { LogLimits, SessionLog } from '../contract/session-log.ts';
import { newSession, sendOf, type Topic } from './kit.ts';

/** Bytes of any value, some of which are no UTF-8, that differ by their seed. */
const bytesOf = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => (at * 131 + seed * 17 + (at >> 8)) & 255);

const fileOf = (pieces: readonly Uint8Array[], mediaType = 'image/png'): FileInfo => {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return {
    digest: hash.digest('base64url'),
    bytes: pieces.reduce((sum, { byteLength }) => sum + byteLength, 0),
    mediaType,
    pieces: pieces.length,
  };
};

/** Uploads the pieces, and makes a file of them. */
async function keep(
  log: SessionLog,
  session: string,
  pieces: readonly Uint8Array[],
  upload: string = crypto.randomUUID(),
): Promise<FileInfo> {
  for (const [at, piece] of pieces.entries())
    expect(await log.putPiece(session, upload, at, piece)).toBe('put');
  const file = fileOf(pieces);
  expect(await log.keepFile(session, upload, file)).toBe('kept');
  return file;
}

async function piecesAt(
  log: SessionLog,
  session: string,
  source: { readonly upload: string } | { readonly digest: string },
): Promise<readonly number[][]> {
  const pieces: number[][] = [];
  for (let at = 0; ; at++) {
    const piece = await log.readPiece(session, source, at);
    if (!piece) return pieces;
    pieces.push([...piece]);
  }
}

const plain = (pieces: readonly Uint8Array[]): readonly number[][] =>
  pieces.map((piece) => [...piece]);

export function files(topic: Topic): void {
  keeping(topic);
  repeating(topic);
  counting(topic);
  ending(topic);
}

function keeping({ make }: Topic): void {
  it('HF-LOG-39: a file is made of the pieces of an upload, and read by its digest', async () => {
    const log = await make();
    const session = newSession();
    const pieces = [bytesOf(70_000), bytesOf(256, 2), Uint8Array.of(0, 255, 13, 10)];
    const file = fileOf(pieces);
    for (const [at, piece] of pieces.entries()) {
      expect(await log.piecesOf(session, 'u')).toBe(at);
      expect(await log.putPiece(session, 'u', at, piece)).toBe('put');
    }
    expect(await piecesAt(log, session, { upload: 'u' })).toEqual(plain(pieces));
    expect(await log.fileInfo(session, file.digest)).toBeNull();
    expect(await log.keepFile(session, 'u', file)).toBe('kept');
    expect(await log.fileInfo(session, file.digest)).toEqual(file);
    expect(await piecesAt(log, session, file)).toEqual(plain(pieces));
    expect(await log.piecesOf(session, 'u')).toBe(0);
    expect(await log.readPiece(session, { upload: 'u' }, 0)).toBeNull();
  });

  it('HF-LOG-39: a file needs all of its pieces, in whichever order they come', async () => {
    const log = await make();
    const session = newSession();
    const pieces = [bytesOf(10), bytesOf(10, 2), bytesOf(5, 3)];
    const file = fileOf(pieces);
    expect(await log.keepFile(session, 'u', file)).toBe('incomplete');
    for (const at of [2, 0]) await log.putPiece(session, 'u', at, pieces[at] as Uint8Array);
    expect(await log.piecesOf(session, 'u')).toBe(1);
    expect(await log.keepFile(session, 'u', file)).toBe('incomplete');
    expect(await log.fileInfo(session, file.digest)).toBeNull();
    await log.putPiece(session, 'u', 1, pieces[1] as Uint8Array);
    expect(await log.piecesOf(session, 'u')).toBe(3);
    expect(await log.keepFile(session, 'u', file)).toBe('kept');
  });

  it('HF-LOG-39: sessions and uploads have files of their own', async () => {
    const log = await make();
    const [session, other] = [newSession(), newSession()];
    const [one, two] = [[bytesOf(9, 1)], [bytesOf(9, 2)]];
    const first = await keep(log, session, one, 'u');
    const second = await keep(log, session, two, 'u');
    expect(await piecesAt(log, session, first)).toEqual(plain(one));
    expect(await piecesAt(log, session, second)).toEqual(plain(two));
    expect(await log.fileInfo(other, first.digest)).toBeNull();
    expect(await log.readPiece(other, first, 0)).toBeNull();
    expect(await log.piecesOf(other, 'u')).toBe(0);
  });

  it('HF-LOG-39: what is put belongs to the log, whatever becomes of it elsewhere', async () => {
    const log = await make();
    const session = newSession();
    const given = bytesOf(20);
    await log.putPiece(session, 'u', 0, given);
    given.fill(0);
    expect(await piecesAt(log, session, { upload: 'u' })).toEqual(plain([bytesOf(20)]));
  });
}

function repeating({ make }: Topic): void {
  it('HF-LOG-39: an act that is repeated changes nothing more', async () => {
    const log = await make();
    const session = newSession();
    const pieces = [bytesOf(300), bytesOf(40, 2)];
    const file = fileOf(pieces);
    for (const at of [0, 0, 1, 1, 0])
      expect(await log.putPiece(session, 'u', at, pieces[at] as Uint8Array)).toBe('put');
    expect(await log.piecesOf(session, 'u')).toBe(2);
    expect(await log.keepFile(session, 'u', file)).toBe('kept');
    expect(await log.keepFile(session, 'u', file)).toBe('known');
    expect(await piecesAt(log, session, file)).toEqual(plain(pieces));
  });

  it('HF-LOG-39: the same contents are kept once, as they came first', async () => {
    const log = await make({ sessionFileBytes: 5_000 });
    const session = newSession();
    const file = await keep(log, session, [bytesOf(1_000), bytesOf(500, 2)], 'first');
    const whole = [Uint8Array.from([...bytesOf(1_000), ...bytesOf(500, 2)])];
    // More of them than there is room for, were they not dropped.
    for (let at = 0; at < 5; at++) {
      await log.putPiece(session, `again ${at}`, 0, whole[0] as Uint8Array);
      expect(
        await log.keepFile(session, `again ${at}`, { ...fileOf(whole), mediaType: 'x/y' }),
      ).toBe('known');
      expect(await log.piecesOf(session, `again ${at}`)).toBe(0);
    }
    expect(await log.fileInfo(session, file.digest)).toEqual(file);
    expect(await piecesAt(log, session, file)).toHaveLength(2);
  });

  it('HF-LOG-39: another piece takes the place of one that was not kept yet', async () => {
    const log = await make();
    const session = newSession();
    const pieces = [bytesOf(30, 5), bytesOf(20, 2)];
    await log.putPiece(session, 'u', 0, bytesOf(90));
    for (const [at, piece] of pieces.entries()) await log.putPiece(session, 'u', at, piece);
    expect(await piecesAt(log, session, { upload: 'u' })).toEqual(plain(pieces));
    const file = fileOf(pieces);
    await log.keepFile(session, 'u', file);
    // The name is free again, and what was made of it stays as it is.
    await log.putPiece(session, 'u', 0, bytesOf(30, 9));
    expect(await piecesAt(log, session, file)).toEqual(plain(pieces));
  });

  it('HF-LOG-39: an upload that changed since it was read makes no file', async () => {
    const log = await make();
    const session = newSession();
    const pieces = [bytesOf(30), bytesOf(20, 2)];
    const file = fileOf(pieces);
    expect(await log.revisionOf(session, 'u')).toBeNull();
    await log.putPiece(session, 'u', 0, pieces[0] as Uint8Array);
    const seen = (await log.revisionOf(session, 'u')) ?? '';
    await log.putPiece(session, 'u', 1, pieces[1] as Uint8Array);
    expect(await log.revisionOf(session, 'u')).toBe(seen);
    await log.putPiece(session, 'u', 0, bytesOf(30, 9));
    expect(await log.revisionOf(session, 'u')).not.toBe(seen);
    expect(await log.keepFile(session, 'u', file, seen)).toBe('incomplete');
    expect(await log.piecesOf(session, 'u')).toBe(2);
    await log.putPiece(session, 'u', 0, pieces[0] as Uint8Array);
    expect(await log.keepFile(session, 'u', file, seen)).toBe('incomplete');
    const now = (await log.revisionOf(session, 'u')) ?? '';
    expect(await log.keepFile(session, 'u', file, now)).toBe('kept');
    expect(await log.keepFile(session, 'u', file, now)).toBe('known');
    // Another upload of that name is another one.
    await log.putPiece(session, 'u', 0, pieces[0] as Uint8Array);
    expect([seen, now]).not.toContain(await log.revisionOf(session, 'u'));
  });
}

function counting({ make }: Topic): void {
  const room: Partial<LogLimits> = { sessionFileBytes: 3_000 };

  it('HF-LOG-40: a piece beyond what a session may have is refused and changes nothing', async () => {
    const log = await make(room);
    const session = newSession();
    await keep(log, session, [bytesOf(1_000)]);
    expect(await log.putPiece(session, 'u', 0, bytesOf(1_000, 2))).toBe('put');
    expect(await log.putPiece(session, 'u', 1, bytesOf(1_000, 3))).toBe('full');
    expect(await log.putPiece(session, 'other', 0, bytesOf(1_000, 3))).toBe('full');
    expect(await log.piecesOf(session, 'u')).toBe(1);
    expect(await log.piecesOf(session, 'other')).toBe(0);
    // A repetition is none, and neither is a smaller one in its place.
    expect(await log.putPiece(session, 'u', 0, bytesOf(1_000, 2))).toBe('put');
    expect(await log.putPiece(session, 'u', 0, bytesOf(100, 2))).toBe('put');
    expect(await log.putPiece(session, 'u', 1, bytesOf(1_000, 3))).toBe('put');
    expect(await log.putPiece(newSession(), 'u', 0, bytesOf(1_000))).toBe('put');
  });

  it('HF-LOG-40: each piece counts, however small it is', async () => {
    const log = await make(room);
    const session = newSession();
    const outcomes = new Set<string>();
    let at = 0;
    for (; at < 40 && !outcomes.has('full'); at++)
      outcomes.add(await log.putPiece(session, 'u', at, Uint8Array.of(at)));
    expect(outcomes).toEqual(new Set(['put', 'full']));
    expect(at).toBeLessThanOrEqual(24);
  });

  it('HF-LOG-40: entries have their room apart from files', async () => {
    const log = await make({ ...room, sessionBytes: 500 });
    const session = newSession();
    await keep(log, session, [bytesOf(2_000)]);
    expect(await log.send(session, sendOf('c1', 'r1'))).toMatchObject({ kind: 'accepted' });
    expect((await log.head(session))?.bytes).toBeLessThan(500);
  });

  it('HF-LOG-40: what is too large is refused, and so are names and numbers that are none', async () => {
    const log = await make({ filePieceBytes: 100, fileBytes: 150 });
    const session = newSession();
    const file = fileOf([bytesOf(10)]);
    const tooLarge = { code: 'too_large' };
    const bad = { code: 'bad_request' };
    expect(await log.putPiece(session, 'u', 0, bytesOf(100))).toBe('put');
    await expect(log.putPiece(session, 'u', 1, bytesOf(101))).rejects.toMatchObject(tooLarge);
    await expect(log.keepFile(session, 'u', { ...file, bytes: 151 })).rejects.toMatchObject(
      tooLarge,
    );
    for (const index of [-1, 0.5, 4_096, Number.NaN])
      await expect(log.putPiece(session, 'u', index, bytesOf(1))).rejects.toMatchObject(bad);
    await expect(log.putPiece(session, 'u', 0, bytesOf(0))).rejects.toMatchObject(bad);
    for (const upload of ['', 'x'.repeat(1_025)])
      await expect(log.putPiece(session, upload, 0, bytesOf(1))).rejects.toMatchObject(bad);
    for (const digest of ['', '../etc', 'x'.repeat(44)])
      await expect(log.fileInfo(session, digest)).rejects.toMatchObject(bad);
    for (const mediaType of ['', 'x'.repeat(256)])
      await expect(log.keepFile(session, 'u', { ...file, mediaType })).rejects.toMatchObject(bad);
    expect(await log.piecesOf(session, 'u')).toBe(1);
  });
}

/** Waits for what depends on the clock of a store. */
const until = async (met: () => Promise<boolean>): Promise<void> => {
  await expect.poll(met, { interval: 20, timeout: 5_000 }).toBe(true);
};

function ending({ make }: Topic): void {
  it('HF-LOG-41: files go with the session that is deleted, and before there is one', async () => {
    const log = await make();
    for (const isThere of [true, false]) {
      const session = newSession();
      const file = await keep(log, session, [bytesOf(500)]);
      await log.putPiece(session, 'u', 0, bytesOf(30));
      if (isThere) await log.send(session, sendOf('c1'));
      expect(await log.delete(session)).toBe(isThere);
      expect(await log.fileInfo(session, file.digest)).toBeNull();
      expect(await log.readPiece(session, file, 0)).toBeNull();
      expect(await log.piecesOf(session, 'u')).toBe(0);
      expect(await log.keepFile(session, 'u', fileOf([bytesOf(30)]))).toBe('incomplete');
    }
  });

  it('HF-LOG-41: an upload that is not finished is forgotten, and gives back its room', async () => {
    const log = await make({ uploadMs: 60, sessionFileBytes: 1_000 });
    const session = newSession();
    await log.send(session, sendOf('c1'));
    await log.putPiece(session, 'u', 0, bytesOf(800));
    await until(async () => (await log.piecesOf(session, 'u')) === 0);
    expect(await log.readPiece(session, { upload: 'u' }, 0)).toBeNull();
    expect(await log.putPiece(session, 'v', 0, bytesOf(800))).toBe('put');
  });

  it('HF-LOG-41: files without a session go, with a session they stay', async () => {
    const log = await make({ uploadMs: 400 });
    const [before, after, none] = [newSession(), newSession(), newSession()];
    await log.send(before, sendOf('c1'));
    const pieces = [bytesOf(50)];
    const file = fileOf(pieces);
    for (const session of [before, after, none]) await keep(log, session, pieces);
    await log.send(after, sendOf('c1'));
    await until(async () => (await log.fileInfo(none, file.digest)) === null);
    for (const session of [before, after])
      expect(await piecesAt(log, session, file)).toEqual(plain(pieces));
  });

  it('HF-LOG-41: files go when the time of their session has passed', async () => {
    const log = await make({ uploadMs: 300, retentionMs: 150 });
    const session = newSession();
    const file = await keep(log, session, [bytesOf(50)]);
    await log.send(session, sendOf('c1'));
    await until(async () => (await log.fileInfo(session, file.digest)) === null);
    expect(await log.head(session)).toBeNull();
  });
}
