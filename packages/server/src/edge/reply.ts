import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Http2Stream } from 'node:http2';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { drain, drainBytes, isWhole } from './drain.ts';

const ignore = () => {};

/** Headers that HTTP/2 does not have: they are about the connection, which carries many streams there. */
const ofConnection = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
];

/**
 * Writes a response. Never rejects: a client that is gone ends its stream, and where somebody else has
 * answered already, such as a middleware that measures time, the response is dropped. Resolves when
 * the connection can serve the next request, or is closed.
 */
export async function reply(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  response: Response,
): Promise<void> {
  // Without a listener a fault of the connection would end the process.
  incoming.on('error', ignore);
  outgoing.on('error', ignore);
  try {
    if (isTaken(outgoing)) return await discard(response);
    await (isWhole(incoming) ? write(outgoing, response) : refuse(incoming, outgoing, response));
  } catch {
    await discard(response);
    // Half an answer cannot be mended, and none leaves its client waiting.
    abort(outgoing);
  }
}

const isTaken = (outgoing: ServerResponse): boolean =>
  outgoing.headersSent || outgoing.writableEnded || outgoing.destroyed;

async function discard({ body }: Response): Promise<void> {
  if (body && !body.locked) await body.cancel().catch(ignore);
}

/** Bytes of an answer that goes out in one piece, where it says how long it is. */
const pieceBytes = 16_384;

async function write(outgoing: ServerResponse, response: Response): Promise<void> {
  if (Number(response.headers.get('content-length') ?? Number.NaN) <= pieceBytes) {
    const body = new Uint8Array(await response.arrayBuffer());
    outgoing.writeHead(response.status, headersFor(outgoing, response));
    outgoing.end(body);
    return;
  }
  outgoing.writeHead(response.status, headersFor(outgoing, response));
  // A client waits for the head before it reads; the first chunk may be far off.
  outgoing.flushHeaders();
  if (!response.body) {
    outgoing.end();
    return;
  }
  const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
  // A client that goes away ends its stream, and that is no fault.
  await pipeline(body, outgoing).catch(ignore);
}

/**
 * Answers a request whose body was not wanted. Its sender may be in the middle of it: the answer goes
 * out whole, the rest is read and thrown away, and only then the response ends, since a connection
 * that is closed with unread bytes takes the answer along.
 */
async function refuse(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  response: Response,
): Promise<void> {
  const declared = Number(incoming.headers['content-length'] ?? Number.NaN);
  const isLong = !(declared <= drainBytes);
  // A refusal is short. Whatever else it is may be large, or have no end: it goes out as it is read.
  const streamed = response.ok;
  const body = response.body && !streamed ? new Uint8Array(await response.arrayBuffer()) : null;
  outgoing.writeHead(response.status, {
    ...headersFor(outgoing, response),
    ...(body ? { 'content-length': body.byteLength } : {}),
    ...(isLong && incoming.httpVersionMajor < 2 ? { connection: 'close' } : {}),
  });
  outgoing.flushHeaders();
  const drained = drain(incoming);
  if (body) outgoing.write(body);
  // One that broke off must not end as if it were whole; a client that has gone hears nothing of it.
  if (streamed && response.body && !(await isSent(response.body, outgoing))) return abort(outgoing);
  const outcome = await drained;
  outgoing.end();
  if (outcome === 'over') hangUp(incoming, outgoing);
}

/** Sends a body, and leaves the response open; false where that broke off. */
async function isSent(
  body: NonNullable<Response['body']>,
  outgoing: ServerResponse,
): Promise<boolean> {
  const readable = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
  return await pipeline(readable, outgoing, { end: false }).then(
    () => true,
    () => false,
  );
}

/** With HTTP/2 what can be ended is a stream, and the response has no way of its own to do it. */
const streamOf = (outgoing: ServerResponse): Http2Stream | undefined =>
  (outgoing as { readonly stream?: Http2Stream }).stream;

function abort(outgoing: ServerResponse): void {
  const stream = streamOf(outgoing);
  if (stream) stream.destroy();
  else outgoing.destroy();
}

/** Ends the connection, or with HTTP/2 the stream, once the answer is on its way. */
function hangUp(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const stream = streamOf(outgoing);
  const end = () => (stream ? stream.close() : incoming.destroy());
  if (outgoing.writableFinished) end();
  else outgoing.once('finish', end).once('close', end);
}

function headersFor(outgoing: ServerResponse, response: Response): OutgoingHttpHeaders {
  const headers = Object.fromEntries(response.headers);
  if (outgoing.req?.httpVersionMajor >= 2) for (const name of ofConnection) delete headers[name];
  return headers;
}
