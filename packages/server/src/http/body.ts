import { HoldfastError, isRecord, type Limits, parseJson } from '@holdfast/protocol';

/**
 * Reads a JSON object of a bounded size and depth (HF-HTTP-4). Rejects with `too_large` or
 * `bad_request`. The rest of an oversized body is not read.
 */
export async function readJsonBody(
  request: Request,
  limits: Pick<Limits, 'requestBytes' | 'jsonDepth'>,
): Promise<Record<string, unknown>> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw bad('the content type must be application/json');
  const text = await readText(request, limits.requestBytes);
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

/** Written out, or with escapes. */
const mayHaveProto = /(?:_|\\u005f){2}/i;

/** Whoever copies such an object member by member would change what all objects have. */
function hasProto(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(hasProto);
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  if (!request.body) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes)
      throw new HoldfastError(
        'too_large',
        `unable to read the request: its body is over ${maxBytes} bytes; send attachments by URL`,
      );
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

export const bad = (reason: string): HoldfastError =>
  new HoldfastError('bad_request', `unable to read the request: ${reason}`);
