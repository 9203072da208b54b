import { HoldfastError, isRecord, type Limits, parseJson } from '@holdfast/protocol';
import { inWords, overLimit } from '../over-limit.ts';

type BodyLimits = Pick<Limits, 'requestBytes' | 'sendBytes' | 'jsonDepth'>;
/** The limit that a body is held to: what users send may hold files. */
type BodyLimit = 'requestBytes' | 'sendBytes';

/** What is done with bodies that may be over `requestBytes`. */
interface LargeBody {
  readonly limit: 'sendBytes';
  /**
   * Called with how much comes once it is over, before more is read, and first with all that came before; and with the
   * text so far. Rejects to end it.
   */
  passed(bytes: number, begins: string): Promise<void>;
}

/**
 * Reads a JSON object of a bounded size and depth (HF-HTTP-7). Rejects with `too_large` or
 * `bad_request`. The rest of an oversized body is not read.
 */
export async function readJsonBody(
  request: Request,
  limits: BodyLimits,
  large?: LargeBody,
): Promise<Record<string, unknown>> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw bad('the content type must be application/json');
  const text = await readText(request, limits, large);
  const parsed = parseJson(text, limits.jsonDepth);
  if (!parsed.ok)
    throw bad(
      parsed.fault === 'too-deep'
        ? `the body is nested deeper than ${limits.jsonDepth} levels`
        : 'the body is not JSON',
    );
  if (!isRecord(parsed.value)) throw bad('the body is no JSON object');
  if (mayHaveProto.test(text) && hasProto(parsed.value))
    throw bad('no member may have the name `__proto__`');
  return parsed.value;
}

/** The same, of a request that need not have a body: without a content type it has none. */
export async function readOptionalBody(
  request: Request,
  limits: BodyLimits,
): Promise<Record<string, unknown>> {
  if (request.headers.has('content-type')) return await readJsonBody(request, limits);
  if ((await readText(request, limits)) === '') return {};
  throw bad('the content type must be application/json');
}

/** Written out, or with escapes. */
const mayHaveProto = /(?:_|\\u005f){2}/i;

/** True for an object with such a member: a copy, member by member, would change what all objects have. */
function hasProto(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(hasProto);
}

/**
 * Reads the bytes of a piece of a file. Rejects with `too_large` or `bad_request`. No page of another site can send
 * such a body unasked (HF-HTTP-1).
 */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/octet-stream$/i.test(type))
    throw bad('the content type must be application/octet-stream');
  const refusal = () =>
    new HoldfastError(
      'too_large',
      `unable to upload: a piece may have ${maxBytes} bytes; send more of them`,
    );
  const chunks: Uint8Array[] = [];
  for await (const chunk of boundedBody(request, maxBytes, refusal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function readText(request: Request, limits: BodyLimits, large?: LargeBody): Promise<string> {
  const limit: BodyLimit = large?.limit ?? 'requestBytes';
  const decoder = new TextDecoder();
  const refusal = () => tooLarge(limit, limits[limit]);
  let text = '';
  let bytes = 0;
  for await (const chunk of boundedBody(request, limits[limit], refusal)) {
    const before = bytes;
    bytes += chunk.byteLength;
    const isFirst = before <= limits.requestBytes;
    text += decoder.decode(chunk, { stream: true });
    if (bytes > limits.requestBytes) await large?.passed(isFirst ? bytes : chunk.byteLength, text);
  }
  return text + decoder.decode();
}

async function* boundedBody(
  request: Request,
  maxBytes: number,
  refusal: () => HoldfastError,
): AsyncGenerator<Uint8Array> {
  // A body that says that it is too large need not be read.
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw refusal();
  if (!request.body) return;
  let bytes = 0;
  for await (const chunk of chunksOf(request.body)) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw refusal();
    yield chunk;
  }
}

/** A body that breaks off is its sender's fault; one that somebody else has read is one of the server. */
async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body as unknown as AsyncIterable<Uint8Array>;
  } catch (cause) {
    if (cause instanceof TypeError || HoldfastError.is(cause)) throw cause;
    throw new HoldfastError('bad_request', 'unable to read the request: its body broke off', {
      cause,
    });
  }
}

const tooLarge = (limit: BodyLimit, maxBytes: number): HoldfastError =>
  overLimit(
    limit,
    'too_large',
    `unable to send: what was sent is over ${inWords(maxBytes, 'down')}, with its files as text; send smaller files, or fewer at once`,
  );

export const bad = (reason: string): HoldfastError =>
  new HoldfastError('bad_request', `unable to read the request: ${reason}`);
