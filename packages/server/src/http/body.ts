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
  const parsed = parseJson(await readText(request, limits.requestBytes), limits.jsonDepth);
  if (!parsed.ok)
    throw bad(
      parsed.fault === 'too-deep'
        ? `the body is nested deeper than ${limits.jsonDepth} levels`
        : 'the body is not JSON',
    );
  if (!isRecord(parsed.value)) throw bad('the body is no JSON object');
  return parsed.value;
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
