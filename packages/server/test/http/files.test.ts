import { createMemoryLog } from '@holdfast/log';
import { defaultLimits, HoldfastError } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import { bytesOf, digestOf, filesOf, pieceBytes, refusalOf } from '../support/files.ts';
import { startOwnServer } from '../support/own-server.ts';
import type { TestServerOptions } from '../support/server.ts';
import { join } from '../support/talk.ts';

const who = (request: Request) => request.headers.get('x-who') ?? 'ann';

async function serve(options: TestServerOptions = {}) {
  const limits = { ...defaultLimits, ...options.limits };
  const log = createMemoryLog({ limits });
  const server = await startOwnServer({
    log,
    authorize: ({ request, sessionId }) =>
      who(request) === 'nobody' || sessionId === 'private' ? null : { id: who(request) },
    ...options,
    limits,
  });
  return { server, log, files: filesOf(server, 's') };
}

const photo = bytesOf(600_000);
const filePieceBytes = pieceBytes;

describe('HF-FILE-9: an upload becomes a file', () => {
  it('HF-FILE-1: piece by piece, the same again, and on from where it was cut', async () => {
    const { files } = await serve();
    const pieces = [0, 1, 2].map((at) => photo.subarray(at * pieceBytes, (at + 1) * pieceBytes));
    const [first, second, third] = pieces as [Uint8Array, Uint8Array, Uint8Array];
    expect(await (await files.piece('m.0', 0, first)).json()).toEqual({ pieces: 1 });
    expect(await (await files.piece('m.0', 2, third)).json()).toEqual({ pieces: 1 });
    // The answer to it was lost.
    await files.piece('m.0', 0, first);
    expect(await (await files.get('m.0?upload')).json()).toEqual({ pieces: 1, filePieceBytes });
    const early = await files.finish('m.0', { mediaType: 'image/png', pieces: 3 });
    expect(await refusalOf(early)).toEqual([409, expect.stringContaining('pieces are missing')]);
    await files.piece('m.0', 1, second);
    expect(await (await files.get('m.0?upload')).json()).toEqual({ pieces: 3, filePieceBytes });
    const digest = digestOf(photo);
    const body = { mediaType: 'image/png', pieces: 3, digest };
    const kept = { url: `holdfast:file/${digest}`, bytes: photo.length };
    expect(await (await files.finish('m.0', body)).json()).toEqual(kept);
    expect(await (await files.finish('m.0', body)).json()).toEqual(kept);
    // Who has the same file already need not send a piece.
    expect(await (await files.finish('other', body)).json()).toEqual(kept);
    const there = { pieces: 0, filePieceBytes, ...kept };
    expect(await (await files.get(`n.0?upload=${digest}`)).json()).toEqual(there);
    const got = await files.get(digest);
    expect(Buffer.from(await got.arrayBuffer()).equals(photo)).toBe(true);
  });

  it('HF-FILE-7: each participant’s under a name of its own', async () => {
    const { server, files } = await serve();
    const bob = filesOf(server, 's', { 'x-who': 'bob' });
    await files.piece('m.0', 0, bytesOf(10));
    expect(await (await bob.get('m.0?upload')).json()).toMatchObject({ pieces: 0 });
    await bob.piece('m.0', 0, bytesOf(10, 2));
    const done = await files.finish('m.0', { mediaType: 'image/png', pieces: 1 });
    expect(await done.json()).toMatchObject({ url: `holdfast:file/${digestOf(bytesOf(10))}` });
  });

  it('refuses what is no piece, and nothing is kept of it', async () => {
    const { server, files } = await serve();
    const send = (path: string, type: string, body: Uint8Array<ArrayBuffer>) =>
      fetch(`${files.url}/${path}`, { method: 'POST', headers: { 'content-type': type }, body });
    const octets = 'application/octet-stream';
    const small = bytesOf(10);
    const statuses = await Promise.all([
      send('u/0', 'text/plain', small),
      send('u/0', octets, bytesOf(pieceBytes + 1)),
      send('u/0', octets, bytesOf(0)),
      send('u/x', octets, small),
      send('u/99999999', octets, small),
      send(`${'u'.repeat(129)}/0`, octets, small),
      send('.hidden/0', octets, small),
      send('u/0/1', octets, small),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([400, 413, 400, 400, 400, 400, 400, 404]);
    expect(await (await files.get('u?upload')).json()).toMatchObject({ pieces: 0 });
    const nobody = filesOf(server, 's', { 'x-who': 'nobody' });
    expect((await nobody.piece('u', 0, small)).status).toBe(403);
  });

  it('refuses what is no file', async () => {
    const { files } = await serve({ limits: { fileBytes: 500_000 } });
    // Together these are too large, and none is known to be by itself.
    const sizes = [240_000, 240_000, 30_000];
    for (const [at, size] of sizes.entries()) await files.piece('big', at, bytesOf(size));
    const finish = async (upload: string, body: object) =>
      await refusalOf(await files.finish(upload, { mediaType: 'image/png', pieces: 3, ...body }));
    expect(await finish('big', {})).toEqual([
      413,
      'unable to upload: the file is over 488 KB, the limit',
    ]);
    const [status] = await finish('big', { mediaType: 'a\r\nb: c' });
    expect(status).toBe(400);
    for (const pieces of [0, 1.5, -1, '3']) expect((await finish('big', { pieces }))[0]).toBe(400);
    expect((await finish('big', { digest: 'x' }))[0]).toBe(400);
    const other = { pieces: 1, digest: digestOf('other') };
    await files.piece('small', 0, bytesOf(10));
    expect((await finish('small', other))[1]).toMatch(/not that of the pieces/);
    await files.piece('uneven', 0, bytesOf(10));
    await files.piece('uneven', 1, bytesOf(20));
    expect((await finish('uneven', { pieces: 2 }))[1]).toMatch(/equally long/);
  });

  it('has as many pieces as bytes at most', async () => {
    const { files } = await serve({ limits: { fileBytes: 3 } });
    expect((await files.piece('m', 3, bytesOf(1))).status).toBe(400);
    expect((await files.piece('m', 2, bytesOf(1))).status).toBe(200);
  });

  it('tells who meets a full session, and who runs the server', async () => {
    const { server, files } = await serve({ limits: { sessionFileBytes: 300_000 } });
    await files.piece('u', 0, photo.subarray(0, pieceBytes));
    const more = await files.piece('u', 1, photo.subarray(pieceBytes, pieceBytes * 2));
    expect(await refusalOf(more)).toEqual([
      507,
      'unable to keep the file: the files of this chat may be 292 KB together, and there is no room for it; start a new chat',
    ]);
    expect(server.errors.map(String)).toEqual([
      expect.stringMatching(/limits\.sessionFileBytes`, which is 300000/),
    ]);
  });

  it('says that it may be repeated where the store is away', async () => {
    const { log, files } = await serve();
    log.putPiece = () =>
      Promise.reject(new HoldfastError('unavailable', 'unable to put: redis at 10.0.0.1 is away'));
    const [status, words] = await refusalOf(await files.piece('u', 0, bytesOf(10)));
    expect(status).toBe(503);
    expect(words).not.toContain('10.0.0.1');
  });
});

describe('a file is loaded', () => {
  it('HF-FILE-4: in parts, and not again where the browser has it', async () => {
    const { files } = await serve();
    const digest = await files.upload(photo);
    const read = async (headers: Record<string, string>) => {
      const response = await files.get(digest, headers);
      const body = Buffer.from(await response.arrayBuffer());
      return { status: response.status, body, of: response.headers.get('content-range') };
    };
    const whole = await files.get(digest);
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      etag: `"${digest}"`,
      'accept-ranges': 'bytes',
      'content-length': '600000',
      'cache-control': 'private, max-age=86400, immutable',
    });
    await whole.body?.cancel();
    const parts: readonly [string, number, number][] = [
      ['bytes=0-0', 0, 1],
      ['bytes=262143-262144', 262_143, 262_145],
      ['bytes=100-599999', 100, 600_000],
      ['bytes=524288-', 524_288, 600_000],
      ['bytes=-5', 599_995, 600_000],
      ['bytes=599990-900000', 599_990, 600_000],
      ['bytes=-900000', 0, 600_000],
    ];
    for (const [range, start, end] of parts) {
      const part = await read({ range });
      expect(part).toMatchObject({ status: 206, of: `bytes ${start}-${end - 1}/600000` });
      expect(part.body.equals(photo.subarray(start, end)), range).toBe(true);
    }
    expect(await read({ range: 'bytes=600000-' })).toMatchObject({
      status: 416,
      of: 'bytes */600000',
    });
    // What is asked for in another form, or of another file, is answered whole.
    for (const range of ['bytes=5-2', 'bytes=0-1,4-5', 'lines=1-2', 'bytes=-'])
      expect((await read({ range })).status, range).toBe(200);
    expect((await read({ range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200);
    expect((await read({ 'if-none-match': `W/"x", "${digest}"` })).status).toBe(304);
  });

  it('HF-FILE-4: one piece at a time, as fast as it is taken', async () => {
    const { log, files } = await serve();
    const digest = await files.upload(bytesOf(pieceBytes * 8));
    const read: number[] = [];
    const { readPiece } = log;
    log.readPiece = (session, source, index) => {
      read.push(index);
      return readPiece.call(log, session, source, index);
    };
    const { holdfast } = await serve({ log }).then(({ server }) => server);
    const request = new Request(`http://test/api/chat/s/files/${digest}`);
    const response = await holdfast.handle(request, { path: ['s', 'files', digest] });
    expect(read).toEqual([]);
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.read();
    expect(read).toEqual([0, 1]);
    await reader?.cancel();
    expect(read).toEqual([0, 1]);
  });

  it('HF-FILE-5: by who may read its session, and by nobody else', async () => {
    const { server, files } = await serve();
    const digest = await files.upload(photo);
    const refusals = await Promise.all([
      filesOf(server, 'other').get(digest),
      filesOf(server, 'private').get(digest),
      filesOf(server, 's', { 'x-who': 'nobody' }).get(digest),
      files.get(digestOf('unknown')),
      files.get('m.0'),
    ]);
    const words = 'unable to read the file: there is none, or it is not yours';
    for (const refusal of refusals) expect(await refusalOf(refusal)).toEqual([404, words]);
    expect((await fetch(`${files.url}/${digest}`, { method: 'DELETE' })).status).toBe(405);
    await server.holdfast.session('s').delete();
    expect((await files.get(digest)).status).toBe(404);
  });

  it('HF-FILE-6: and never run', async () => {
    const { files } = await serve();
    const shown: string[] = [];
    const types = ['image/png', 'image/svg+xml', 'text/html', 'application/pdf', 'VIDEO/mp4'];
    for (const [at, type] of types.entries()) {
      const { headers, body } = await files.get(await files.upload(bytesOf(10, at), type));
      await body?.cancel();
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
      shown.push(`${headers.get('content-type')} ${headers.get('content-disposition')}`);
    }
    expect(shown).toEqual([
      'image/png inline',
      'image/svg+xml attachment',
      'text/html attachment',
      'application/pdf attachment',
      'video/mp4 inline',
    ]);
  });
});

describe('HF-FILE-8: URLs that are signed', () => {
  const secret = 'a secret that is long enough for it';
  /** Pages have a token for the socket; an `<img>` sends none. */
  const signing: TestServerOptions = {
    authorize: ({ request, token }) =>
      (token ?? request.headers.get('authorization')) === 'ann' ? { id: 'ann' } : null,
  };
  async function signed(urlMs: number) {
    const { server, files } = await serve({ ...signing, files: { secret, urlMs } });
    const own = filesOf(server, 's', { authorization: 'Bearer ann' });
    const digest = await own.upload(photo);
    return { server, files, own, digest };
  }

  it('are loaded without credentials, in their session', async () => {
    const { server, files, digest } = await signed(60_000);
    const client = await server.greet('ann');
    client.send({ t: 'sub', r: 1, s: 's' });
    const { files: query } = (await client.next('subbed')) as { readonly files?: string };
    const bearer = { headers: { authorization: 'Bearer ann' } };
    const newest = await (await fetch(`${server.api}/s`, bearer)).json();
    for (const each of [query, (newest as { readonly files?: string }).files]) {
      expect(each).toMatch(/^u=\d+&p=ann&s=[\w-]{43}$/);
      expect((await files.get(`${digest}?${each}`)).status).toBe(200);
      expect((await filesOf(server, 'other').get(`${digest}?${each}`)).status).toBe(404);
      for (const forged of [each?.replace('u=', 'u=9'), each?.replace('ann', 'bob')])
        expect((await files.get(`${digest}?${forged}`)).status).toBe(404);
    }
    expect((await files.get(digest)).status).toBe(404);
  });

  it('are refused in words once their time is over', async () => {
    const { server, files, digest } = await signed(-1);
    const client = await server.greet('ann');
    client.send({ t: 'sub', r: 1, s: 's' });
    const { files: query } = (await client.next('subbed')) as { readonly files?: string };
    expect(await refusalOf(await files.get(`${digest}?${query}`))).toEqual([
      403,
      'unable to read the file: its address has expired; load the chat again',
    ]);
  });

  it('say nothing where the server signs none, and are not promised there', async () => {
    const { server, files } = await serve();
    const digest = await files.upload(photo);
    expect((await files.get(`${digest}?u=1&p=ann&s=x`)).status).toBe(200);
    expect(await (await fetch(`${server.api}/s`)).json()).not.toHaveProperty('files');
    expect(await join(server, 's')).toBeDefined();
  });

  it('need a secret that nobody can guess', async () => {
    await expect(serve({ files: { secret: 'short' } })).rejects.toMatchObject({
      code: 'bad_request',
    });
  });
});
