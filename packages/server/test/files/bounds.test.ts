import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { describe, expect, it } from 'vitest';
import { bytesOfDataUrl } from '../../src/files/data-url.ts';
import { FileLinks } from '../../src/files/file-links.ts';
import { FileStore } from '../../src/files/file-store.ts';
import { digestOf } from '../support/files.ts';
import { changed } from '../support/logs.ts';

const session = 's';
const limits = { fileBytes: 10, filePieceBytes: 4, sessionFileBytes: 100_000 };
const words = 'abcdefghij';

/** Files in small pieces, and which of these the log was given and asked for. */
function storing(through: (log: SessionLog) => Partial<SessionLog> = () => ({})) {
  const log = createMemoryLog();
  const put: [index: number, bytes: number][] = [];
  const read: number[] = [];
  const counted = changed(log, {
    putPiece: async (id, upload, index, data) => {
      put.push([index, 'byteLength' in data ? Number(data.byteLength) : 0]);
      return await log.putPiece(id, upload, index, data);
    },
    readPiece: async (id, source, index) => {
      read.push(index);
      return await log.readPiece(id, source, index);
    },
    ...through(log),
  });
  const files = new FileStore(counted, limits);
  const keep = (text: string) => files.keep(session, Buffer.from(text), 'text/plain');
  const upload = async (...pieces: readonly string[]) => {
    for (const [at, piece] of pieces.entries())
      await files.putPiece(session, 'u', at, Buffer.from(piece));
    const of = { upload: 'u', mediaType: 'text/plain', pieces: pieces.length };
    return await files.finish(session, of);
  };
  const readAll = async (range: { readonly start?: number; readonly end?: number } = {}) => {
    read.length = 0;
    let text = '';
    const file = { digest: digestOf(words), bytes: 10 };
    for await (const piece of files.read(session, file, range)) text += Buffer.from(piece);
    return [text, [...read]];
  };
  return { log, files, keep, upload, readAll, put };
}

describe('a file that is kept', () => {
  it('has so many bytes at most, comes in pieces, and is written once', async () => {
    const { files, keep, put } = storing();
    expect(await keep(words)).toEqual({ digest: digestOf(words), bytes: 10 });
    const pieces = [
      [0, 4],
      [1, 4],
      [2, 2],
    ];
    expect(put).toEqual(pieces);
    await keep(words);
    expect(put).toEqual(pieces);
    expect(await files.info(session, digestOf(words))).toMatchObject({ pieces: 3, bytes: 10 });
    await expect(keep(`${words}k`)).rejects.toMatchObject({
      code: 'too_large',
      message: 'unable to keep the file: it is 1 KB; the limit is 0 KB',
    });
    expect(put).toEqual(pieces);
    await keep('abcd');
    expect(put.slice(3)).toEqual([[0, 4]]);
  });

  it('whose pieces are gone meanwhile is kept again, unless another has kept it', async () => {
    const { keep } = storing(() => ({ keepFile: async () => 'incomplete' }));
    await expect(keep(words)).rejects.toMatchObject({ code: 'unavailable' });
    let looks = 0;
    const other = storing((log) => ({
      keepFile: async () => 'incomplete',
      fileInfo: async (id, digest) => {
        if (looks++ === 0) return await log.fileInfo(id, digest);
        return { digest, bytes: 10, mediaType: 'text/plain', pieces: 3 };
      },
    }));
    expect(await other.keep(words)).toEqual({ digest: digestOf(words), bytes: 10 });
  });

  it('is read in parts, and of its pieces those that are needed, and the first', async () => {
    const { keep, readAll } = storing();
    await keep(words);
    expect(await readAll()).toEqual([words, [0, 1, 2]]);
    expect(await readAll({ start: 3, end: 5 })).toEqual(['de', [0, 1]]);
    expect(await readAll({ start: 8 })).toEqual(['ij', [0, 2]]);
    expect(await readAll({ start: 4, end: 8 })).toEqual(['efgh', [0, 1]]);
    expect(await readAll({ start: 9, end: 10 })).toEqual(['j', [0, 2]]);
    expect(await readAll({ start: 5, end: 5 })).toEqual(['', []]);
  });

  it('that is gone, or shorter than is said of it, is told to be', async () => {
    for (const piece of [null, new Uint8Array(0)]) {
      const { keep, readAll } = storing(() => ({ readPiece: async () => piece }));
      await keep(words);
      await expect(readAll()).rejects.toMatchObject({ code: 'conflict', reason: 'gone' });
    }
    const short = storing((log) => ({
      readPiece: async (id, source, index) => {
        const piece = await log.readPiece(id, source, index);
        return index === 1 ? (piece?.slice(0, 2) ?? null) : piece;
      },
    }));
    await short.keep(words);
    await expect(short.readAll()).rejects.toMatchObject({ reason: 'gone' });
  });
});

describe('HF-FILE-9: an upload', () => {
  it('is of pieces of one length, of which the last may be shorter', async () => {
    const whole = { digest: digestOf(words), bytes: 10 };
    expect(await storing().upload('abcd', 'efgh', 'ij')).toEqual(whole);
    expect(await storing().upload('abcde', 'fghij')).toEqual(whole);
    expect(await storing().upload(words)).toEqual(whole);
    const bad = { code: 'bad_request', message: expect.stringContaining('equally long') };
    for (const pieces of [
      ['abcd', 'ef', 'gh'],
      ['ab', 'cde'],
      ['ab', 'cde', 'f'],
    ])
      await expect(storing().upload(...pieces)).rejects.toMatchObject(bad);
  });

  it('is refused at the piece by which it is too large, and before it where it says so', async () => {
    const { files, upload } = storing();
    const beyond = {
      code: 'too_large',
      message: 'unable to upload: the file is over 0 KB, the limit',
    };
    await expect(upload('abcd', 'efgh', 'ijkl')).rejects.toMatchObject(beyond);
    await expect(upload('abcd', 'efgh', 'ijk')).rejects.toMatchObject(beyond);
    files.checkSize(10);
    expect(() => files.checkSize(11)).toThrow(
      'unable to upload: the file is 1 KB; the limit is 0 KB',
    );
  });

  it('of which pieces are missing, or of which there is none, is told to be', async () => {
    const { files, log } = storing();
    const finish = () => files.finish(session, { upload: 'u', mediaType: 'text/plain', pieces: 2 });
    await expect(finish()).rejects.toMatchObject({ reason: 'gone' });
    await log.putPiece(session, 'u', 0, Buffer.from('abcd'));
    await expect(finish()).rejects.toMatchObject({ reason: 'gone' });
    await log.putPiece(session, 'u', 1, Buffer.from('e'));
    expect(await finish()).toEqual({ digest: digestOf('abcde'), bytes: 5 });
  });
});

describe('HF-FILE-8: the query of a URL that is signed', () => {
  const secret = 's'.repeat(32);
  const linksAt = (date: number, urlMs?: number) =>
    new FileLinks({ secret, ...(urlMs === undefined ? {} : { urlMs }) }, { date: () => date });
  const verified = (date: number, query: string, of = session) =>
    linksAt(date).verify(of, new URLSearchParams(query));

  it('holds for as long as the server says, an hour where it says nothing, for one participant', () => {
    const hour = linksAt(1_000).query(session, 'ann') ?? '';
    expect(verified(3_600_999, hour)).toEqual({ kind: 'valid', participant: 'ann' });
    expect(verified(3_601_000, hour)).toEqual({ kind: 'expired' });
    const short = linksAt(1_000, 5).query(session, 'ann') ?? '';
    expect(verified(1_004, short)).toEqual({ kind: 'valid', participant: 'ann' });
    expect(verified(1_005, short)).toEqual({ kind: 'expired' });
  });

  it('is forged where it says anything else, and none where it lacks a part', () => {
    const query = linksAt(0).query(session, 'ann') ?? '';
    expect(verified(0, query, 'other')).toEqual({ kind: 'forged' });
    for (const forged of [
      query.replace('ann', 'bob'),
      query.replace('u=3', 'u=4'),
      `${query}x`,
      query.slice(0, -1),
    ])
      expect(verified(0, forged)).toEqual({ kind: 'forged' });
    for (const name of ['u', 'p', 's']) {
      const less = new URLSearchParams(query);
      less.delete(name);
      expect(verified(0, less.toString())).toEqual({ kind: 'none' });
    }
    const unsigned = new FileLinks(undefined, { date: () => 0 });
    expect(unsigned.query(session, 'ann')).toBeUndefined();
    expect(unsigned.verify(session, new URLSearchParams(query))).toEqual({ kind: 'none' });
  });

  it('needs a secret of 32 characters', () => {
    for (const bad of ['s'.repeat(31), 7 as never])
      expect(() => new FileLinks({ secret: bad }, { date: () => 0 })).toThrow(/files\.secret/);
  });
});

it.each<[url: string, mediaType: string | null, text: string]>([
  ['data:text/html,a%20b', 'text/html', 'a b'],
  ['DATA:Text/HTML;charset=utf-8;base64,YWI=', 'text/html', 'ab'],
  ['data:,abc', 'text/plain', 'abc'],
  ['data:;base64,YWI=', 'text/plain', 'ab'],
  ['data:text/plain;base64;x=1,YWI=', 'text/plain', 'YWI='],
  [`data:${'m'.repeat(255)},a`, 'm'.repeat(255), 'a'],
  [`data:${'m'.repeat(256)},a`, null, ''],
  ['data:text/plain,%', null, ''],
  ['https://a.example/,b', null, ''],
])('what a data URL holds: %s', (url, mediaType, text) => {
  const data = bytesOfDataUrl(url);
  expect(data && [data.mediaType, Buffer.from(data.bytes).toString()]).toEqual(
    mediaType === null ? null : [mediaType, text],
  );
});
