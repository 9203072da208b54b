import { HoldfastError } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import { readBytes, readJsonBody, readOptionalBody } from '../../src/http/body.ts';

const limits = { requestBytes: 10, sendBytes: 20, jsonDepth: 3 };
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A request whose body comes in these parts, and how many of them were asked for. */
function requestOf(
  parts: readonly (string | Uint8Array)[] | null,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' },
) {
  let asked = 0;
  const body = new ReadableStream(
    {
      pull: (controller) => {
        const part = parts?.[asked++];
        if (part === undefined) controller.close();
        else controller.enqueue(typeof part === 'string' ? bytesOf(part) : part);
      },
    },
    { highWaterMark: 0 },
  );
  const request = new Request('http://h.test/api', {
    method: 'POST',
    headers,
    ...(parts && { body, duplex: 'half' }),
  } as RequestInit);
  return { request, asked: () => asked };
}

const read = (parts: readonly (string | Uint8Array)[], more: object = {}) =>
  readJsonBody(requestOf(parts).request, { ...limits, ...more });
const refusal = (code: string, words: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(words) });
const octets = { 'content-type': 'application/octet-stream' };

describe('HF-HTTP-7: the JSON of a request', () => {
  it('has so many bytes at most, in however many parts it comes', async () => {
    const text = '{"a":1234}';
    expect(await read([text])).toEqual({ a: 1234 });
    expect(await read([...text])).toEqual({ a: 1234 });
    const tooLarge = refusal('too_large', 'what was sent is over 0 KB');
    await expect(read([text, ' '])).rejects.toEqual(tooLarge);
    const { request, asked } = requestOf([text, ' ', ' ', ' ']);
    await expect(readJsonBody(request, limits)).rejects.toEqual(tooLarge);
    expect(asked()).toBe(2);
  });

  it('is not read at all where it says that it is too large', async () => {
    const headers = (length: number) => ({
      'content-type': 'application/json',
      'content-length': String(length),
    });
    const fits = requestOf(['{}'], headers(10));
    expect(await readJsonBody(fits.request, limits)).toEqual({});
    const large = requestOf(['{}'], headers(11));
    await expect(readJsonBody(large.request, limits)).rejects.toMatchObject({ code: 'too_large' });
    expect(large.asked()).toBe(0);
  });

  it('is whole where its characters are cut between two parts', async () => {
    const bytes = bytesOf('{"a":"é"}');
    const at = bytes.indexOf(0xc3) + 1;
    expect(await read([bytes.subarray(0, at), bytes.subarray(at)])).toEqual({ a: 'é' });
    const cut = read([bytes.subarray(0, at)], { requestBytes: 100 });
    await expect(cut).rejects.toEqual(refusal('bad_request', 'the body is not JSON'));
  });

  it.each([
    ['application/json', true],
    ['Application/JSON; charset=utf-8', true],
    ['application/json ;charset=utf-8', true],
    ['application/jsonp', false],
    ['text/plain', false],
    ['', false],
  ])('has its content type: %s: %s', async (type, isTaken) => {
    const reading = readJsonBody(
      requestOf(['{}'], type ? { 'content-type': type } : {}).request,
      limits,
    );
    if (isTaken) expect(await reading).toEqual({});
    else
      await expect(reading).rejects.toEqual(
        refusal('bad_request', 'the content type must be application/json'),
      );
  });

  it.each([
    ['{', 'the body is not JSON'],
    ['[1]', 'the body is no JSON object'],
    ['null', 'the body is no JSON object'],
    ['{"a":[[[]]]}', 'the body is nested deeper than 3 levels'],
    ['{"__proto__":1}', 'no member may have the name `__proto__`'],
    ['{"a":[{"\\u005f_proto__":1}]}', 'no member may have the name `__proto__`'],
  ])('that is none is refused with words: %s', async (text, words) => {
    const reading = read([text], { requestBytes: 100 });
    await expect(reading).rejects.toEqual(refusal('bad_request', words));
  });

  it('may say `__proto__`, and name what only looks like it', async () => {
    const text = '{"a":["__proto__",null,{"__prot__":1}]}';
    expect(await read([text], { requestBytes: 100 })).toEqual(JSON.parse(text));
  });

  it('that need not be there is none where nothing is said', async () => {
    const { request } = requestOf(null, {});
    expect(await readOptionalBody(request, limits)).toEqual({});
    expect(await readOptionalBody(requestOf([], {}).request, limits)).toEqual({});
    expect(await readOptionalBody(requestOf(['{"a":1}']).request, limits)).toEqual({ a: 1 });
    const untyped = readOptionalBody(requestOf(['{}'], {}).request, limits);
    await expect(untyped).rejects.toEqual(
      refusal('bad_request', 'the content type must be application/json'),
    );
  });
});

describe('HF-HTTP-7: a body that may hold files', () => {
  const passing = async (
    parts: readonly string[],
    answer: (bytes: number) => Promise<void> = async () => {},
  ) => {
    const passed: number[] = [];
    const { request, asked } = requestOf(parts);
    const reading = readJsonBody(request, limits, {
      limit: 'sendBytes',
      passed: async (bytes) => {
        passed.push(bytes);
        await answer(bytes);
      },
    });
    const outcome = await reading.catch((error: unknown) => error);
    return { outcome, passed, asked: asked() };
  };

  it('is told of once it is over what others may send: first all that came, then each part', async () => {
    const small = await passing(['{"a":', '1234}']);
    expect([small.outcome, small.passed]).toEqual([{ a: 1234 }, []]);
    const large = await passing(['{"a":', '"bcd"', ',"e"', ':12}']);
    expect([large.outcome, large.passed]).toEqual([{ a: 'bcd', e: 12 }, [14, 4]]);
  });

  it('is read no further where its sender may not, and no further than its own limit', async () => {
    const no = new HoldfastError('unauthorized', 'unable to send: who is it?');
    const refused = await passing(['{"a":"bcdefg', 'h', '"}'], () => Promise.reject(no));
    expect(refused).toEqual({ outcome: no, passed: [12], asked: 1 });
    const most = await passing(['{"a":"bcdefg', 'hijklm"}']);
    expect(most.outcome).toEqual({ a: 'bcdefghijklm' });
    const over = await passing(['{"a":"bcdefg', 'hijklm"}', ' ', ' ']);
    expect(over.outcome).toMatchObject({ code: 'too_large' });
    expect([over.passed, over.asked]).toEqual([[12, 8], 3]);
  });
});

describe('HF-HTTP-1: the bytes of a piece', () => {
  it('are what came, and no more than may', async () => {
    const { request } = requestOf(['ab', 'cd'], octets);
    expect(Buffer.from(await readBytes(request, 4)).toString()).toBe('abcd');
    const over = readBytes(requestOf(['ab', 'cde'], octets).request, 4);
    await expect(over).rejects.toEqual(
      refusal('too_large', 'unable to upload: a piece may have 4 bytes; send more of them'),
    );
    expect(await readBytes(requestOf(null, octets).request, 4)).toHaveLength(0);
  });

  it('come under their own content type', async () => {
    for (const headers of [{}, { 'content-type': 'application/octet-stream; a=b' }])
      await expect(readBytes(requestOf(['a'], headers).request, 4)).rejects.toEqual(
        refusal('bad_request', 'the content type must be application/octet-stream'),
      );
  });
});

it('a body that breaks off is its sender’s fault, and one that somebody else reads the server’s', async () => {
  const broken = new ReadableStream({
    pull: (controller) => controller.error(new Error('ECONNRESET')),
  });
  const init = { method: 'POST', headers: octets, duplex: 'half' };
  const request = new Request('http://h.test/', { ...init, body: broken } as RequestInit);
  await expect(readBytes(request, 4)).rejects.toEqual(refusal('bad_request', 'its body broke off'));
  const { request: taken } = requestOf(['a'], octets);
  taken.body?.getReader();
  await expect(readBytes(taken, 4)).rejects.toBeInstanceOf(TypeError);
});
