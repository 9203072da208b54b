import { createHash } from 'node:crypto';
import type { FileInfo } from '@holdfast/log';
import { fileUrl, HoldfastError, isDigest } from '@holdfast/protocol';
import type { Core } from '../core.ts';
import { admit } from './admit.ts';
import { json } from './answers.ts';
import { bad, readBytes, readJsonBody } from './body.ts';
import { rangeOf } from './range.ts';
import { namesSeveral, valuesBody, valuesNamed } from './values.ts';

/** A request for `/{session}/files/…`: what stands behind that. */
interface Asked {
  readonly session: string;
  /** A digest, or the name of an upload. */
  readonly name: string;
  readonly index: string | undefined;
}

/** The methods of a path behind `/{session}/files`; undefined when there is no such path. */
export const fileMethods = (rest: readonly string[]): readonly string[] | undefined =>
  rest.length === 1 ? ['GET', 'POST'] : rest.length === 2 ? ['POST', 'PUT'] : undefined;

/** Answers a request for a file, or for an upload (PROTOCOL.md, Files). Rejects with what refuses it. */
export async function answerFiles(
  core: Core,
  request: Request,
  session: string,
  [name = '', index]: readonly string[],
): Promise<Response> {
  const asked = { session, name, index };
  const isOfUpload = request.method !== 'GET' || new URL(request.url).searchParams.has('upload');
  return isOfUpload
    ? json(await answerUpload(core, request, asked))
    : await download(core, request, asked);
}

const uploadName = /^[\w-][\w.-]{0,127}$/;
const mediaTypeForm = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}$/;
const indexForm = /^\d{1,6}$/;

async function answerUpload(core: Core, request: Request, asked: Asked): Promise<object> {
  const { files, limits } = core;
  const { session, name, index } = asked;
  const { id } = await admit(core, request, 'send', session);
  core.lifecycle.takeWork();
  core.quotas.take(id, 'read');
  if (!uploadName.test(name))
    throw bad(
      'an upload has a name of 1 to 128 letters, digits, `_`, `-` or `.`, and no `.` in front',
    );
  // Another participant's upload of the same name is another one.
  const upload = createHash('sha256')
    .update(JSON.stringify([id, name]))
    .digest('base64url');
  if (request.method === 'GET') return await piecesOf(core, request, { session, upload });
  if (index === undefined) return await finish(core, request, { session, upload });
  const at = indexForm.test(index) ? Number(index) : Number.POSITIVE_INFINITY;
  if (at >= limits.fileBytes) throw bad('pieces are numbered from 0');
  const data = await readBytes(request, limits.filePieceBytes);
  if (data.byteLength === 0) throw bad('a piece is empty');
  core.quotas.take(id, 'upload', data.byteLength);
  await files.putPiece(session, upload, at, data);
  return { pieces: await files.piecesOf(session, upload) };
}

const countForm = /^[1-9]\d{0,15}$/;

/**
 * Which pieces are there, and how large they may be; with the file, where the client says a digest that the session has.
 * Refuses a file that is too large, where the client says its bytes.
 */
async function piecesOf(
  { files, limits: { filePieceBytes } }: Core,
  request: Request,
  { session, upload }: { readonly session: string; readonly upload: string },
): Promise<object> {
  const query = new URL(request.url).searchParams;
  const [digest, bytes] = [query.get('upload'), query.get('bytes')];
  if (bytes !== null && !countForm.test(bytes)) throw bad('`bytes` must be those of the file');
  const known = isDigest(digest) ? await files.info(session, digest) : null;
  if (!known && bytes !== null) files.checkSize(Number(bytes));
  const file = known ? { url: fileUrl(known.digest), bytes: known.bytes } : {};
  return { pieces: await files.piecesOf(session, upload), filePieceBytes, ...file };
}

/** Makes the file. A client that knows its digest is answered also where its first answer was lost. */
async function finish(
  core: Core,
  request: Request,
  { session, upload }: { readonly session: string; readonly upload: string },
): Promise<object> {
  const { mediaType, pieces, digest } = await readJsonBody(request, core.limits);
  if (typeof mediaType !== 'string' || !mediaTypeForm.test(mediaType))
    throw bad('`mediaType` must be a media type, such as image/png');
  if (typeof pieces !== 'number' || !(Number.isInteger(pieces) && pieces > 0))
    throw bad('`pieces` must be their number, from 1 on');
  if (digest !== undefined && !isDigest(digest))
    throw bad('`digest` must be SHA-256 in base64url, 43 characters');
  const known = digest === undefined ? null : await core.files.info(session, digest);
  const kept = known ?? (await core.files.finish(session, { upload, mediaType, pieces }));
  if (digest !== undefined && kept.digest !== digest)
    throw bad('`digest` is not that of the pieces; send them anew under another name');
  return { url: fileUrl(kept.digest), bytes: kept.bytes };
}

/** A browser shows these, and runs nothing in them. All others it is to save. */
const shown =
  /^(?:image\/(?:png|jpeg|gif|webp|avif|bmp)|(?:audio|video)\/[\w.+-]+|text\/plain|application\/json)$/;

const always = {
  // A digest never stands for anything else; who logs out of a shared machine leaves it for a day at most.
  'cache-control': 'private, max-age=86400, immutable',
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
};

async function download(core: Core, request: Request, { session, name }: Asked): Promise<Response> {
  const reader = await readerOf(core, request, session);
  core.quotas.take(reader, 'read');
  if (namesSeveral(name)) return await downloadValues(core, session, name);
  const info = isDigest(name) ? await core.files.info(session, name) : null;
  if (!info) throw noSuchFile();
  const etag = `"${info.digest}"`;
  const headers = { ...always, 'accept-ranges': 'bytes', etag };
  if (request.headers.get('if-none-match')?.includes(etag))
    return new Response(null, { status: 304, headers });
  const range = rangeOf(request.headers, info.bytes, etag);
  if (range === 'unsatisfiable')
    return new Response(null, {
      status: 416,
      headers: { ...headers, 'content-range': `bytes */${info.bytes}` },
    });
  const { start, end } = range ?? { start: 0, end: info.bytes };
  return new Response(streamOf(core.files.read(session, info, { start, end })), {
    status: range ? 206 : 200,
    headers: {
      ...headers,
      ...typeHeaders(info),
      'content-length': String(end - start),
      ...(range ? { 'content-range': `bytes ${start}-${end - 1}/${info.bytes}` } : {}),
    },
  });
}

async function downloadValues(core: Core, session: string, names: string): Promise<Response> {
  const values = await valuesNamed(core.files, session, names);
  if (values.length === 0) throw noSuchFile();
  return new Response(streamOf(valuesBody(core.files, session, values)), {
    headers: { ...always, 'content-type': 'application/json' },
  });
}

function typeHeaders({ mediaType }: FileInfo): Record<string, string> {
  const type = mediaType.split(';')[0]?.trim().toLowerCase() ?? '';
  return {
    'content-type': mediaTypeForm.test(type) ? type : 'application/octet-stream',
    'content-disposition': shown.test(type) ? 'inline' : 'attachment',
  };
}

/** Who may read the files: by a signed query, or as any reader of the session. Rejects without telling what there is. */
async function readerOf(core: Core, request: Request, session: string): Promise<string> {
  const link = core.fileLinks.verify(session, new URL(request.url).searchParams);
  if (link.kind === 'valid') return link.participant;
  if (link.kind === 'expired')
    throw new HoldfastError(
      'forbidden',
      'unable to read the file: its address has expired; load the chat again',
    );
  try {
    return (await admit(core, request, 'read', session)).id;
  } catch (error) {
    throw HoldfastError.is(error) && error.code === 'forbidden' ? noSuchFile() : error;
  }
}

const noSuchFile = (): HoldfastError =>
  new HoldfastError('not_found', 'unable to read the file: there is none, or it is not yours');

/** One piece is held, and read when it is asked for. */
export function streamOf(pieces: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => {
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
