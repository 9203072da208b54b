import type { UIMessageChunk } from 'ai';
import { describe, expect, it } from 'vitest';
import { type RemoteAgentOptions, remoteAgent } from '../../src/index.ts';
import { answer } from '../support/gated-agent.ts';
import { startOwnServer } from '../support/own-server.ts';
import { storyOf } from '../support/run-story.ts';

const events = (...chunks: readonly unknown[]): string =>
  chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('');
const done = 'data: [DONE]\n\n';
const unreadable = 'The agent gave no answer that can be shown; the server’s log says why.';
const brokenOff = 'The answer broke off: the connection to the agent was lost.';

const streaming = (body: BodyInit, headers: Record<string, string> = {}): Response =>
  new Response(body, {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', ...headers },
  });

/** Bytes that come in pieces of that size; then the connection ends, or breaks. */
const inPieces = (text: string, size: number, error?: Error): ReadableStream<Uint8Array> => {
  let rest = new TextEncoder().encode(text);
  return new ReadableStream({
    pull(controller) {
      if (rest.length > 0) controller.enqueue(rest.subarray(0, size));
      else if (error) controller.error(error);
      else controller.close();
      rest = rest.subarray(size);
    },
  });
};

/** What a client is told of a run whose agent answers so. */
async function told(response: () => Response | Promise<Response>) {
  const agent = remoteAgent({ url: 'http://agent.test/', fetch: async () => await response() });
  const server = await startOwnServer({ agent });
  const story = await storyOf(server, `s-${crypto.randomUUID()}`, 'hello');
  return { ...story, reports: server.errors.map(String).join('\n') };
}

describe('the stream of a remote agent', () => {
  it('passes chunks as they are, of unknown kinds too, wherever the bytes are cut', async () => {
    const odd = {
      type: 'hologram',
      depth: [1, { a: null }],
      text: 'Grüße 👋',
      providerMetadata: {},
    };
    const chunks = [{ type: 'start', messageId: 'theirs' }, odd, ...answer('Hé').slice(1)];
    const text = `: a comment\r\n\r\nid: 7\n${events(...chunks)}${done}`;
    const stories = await Promise.all(
      [1, 2, 3, 7, 16, 10_000].map((size) => told(() => streaming(inPieces(text, size)))),
    );
    for (const { chunks: got, messageId, outcome } of stories) {
      expect(outcome).toBe('finished');
      expect(got[0]).toEqual({ type: 'start', messageId });
      expect(got[1]).toEqual(odd);
      expect(got.map(({ delta = '' }) => delta).join('')).toBe('Hé');
      expect(got.at(-1)).toEqual({ type: 'finish' });
    }
  });

  const whole = answer('Hi');
  it.each([
    ['[DONE] and no finish', () => streaming(events(...whole.slice(0, -1)) + done)],
    [
      '[DONE] of a server that stays',
      () => streaming(inPieces(`${events(...whole)}${done}: more`, 9_999)),
    ],
    ['a finish and no [DONE]', () => streaming(events(...whole))],
    [
      'a finish, and a cut',
      () => streaming(inPieces(events(...whole), 64, new TypeError('terminated'))),
    ],
  ])('is complete with %s', async (_, response) => {
    expect(await told(response)).toMatchObject({ outcome: 'finished', error: undefined });
  });

  it.each([1, 9_999])(
    'ends at [DONE], and closes its request, where the server keeps the connection: in pieces of %d bytes',
    async (size) => {
      const closed = Promise.withResolvers<void>();
      let rest = new TextEncoder().encode(events(...whole) + done);
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          // Behind the last byte it says nothing more, and stays.
          if (rest.length > 0) controller.enqueue(rest.subarray(0, size));
          rest = rest.subarray(size);
        },
        cancel: () => closed.resolve(),
      });
      expect(await told(() => streaming(body))).toMatchObject({ outcome: 'finished' });
      await closed.promise;
    },
  );

  it('that says itself that it has failed is told in its words, and to operators without them', async () => {
    const error: UIMessageChunk = { type: 'error', errorText: 'No tokens left.' };
    const response = () => streaming(events(...whole.slice(0, 2), error));
    const { reports, ...story } = await told(response);
    expect(story).toMatchObject({ outcome: 'failed', error: 'No tokens left.' });
    expect(reports).toMatch(/sent a chunk `error`/);
    expect(reports).not.toContain('tokens');
  });

  const begun = events(...whole.slice(0, 3));
  const html = () => new Response('<html>', { headers: { 'content-type': 'text/html' } });
  const moved = (status: number) => () =>
    new Response(null, { status, headers: { location: '/other' } });
  it.each<[string, () => Response, string, RegExp]>([
    [
      'breaks',
      () => streaming(inPieces(begun, 50, new TypeError('terminated'))),
      brokenOff,
      /broke off/,
    ],
    ['just ends', () => streaming(begun), brokenOff, /broke off/],
    ['is empty', () => streaming(''), brokenOff, /broke off/],
    [
      'ends in mid-chunk',
      () => streaming(`${begun}data: {"type":"text-de`),
      brokenOff,
      /broke off/,
    ],
    [
      'has half a chunk',
      () => streaming(`${begun}data: {"type":"te\n\n${done}`),
      unreadable,
      /no JSON/,
    ],
    [
      'has a list',
      () => streaming(`${begun}${events([1])}${done}`),
      unreadable,
      /without a `type`/,
    ],
    [
      'has no kind',
      () => streaming(`${begun}${events({ text: 'a' })}${done}`),
      unreadable,
      /without a `type`/,
    ],
    [
      'forges a prototype',
      () => streaming('data: {"type":"start","__proto__":{"a":1}}\n\n'),
      unreadable,
      /no JSON/,
    ],
    ['is HTML', html, unreadable, /no event stream/],
    ['has no type', () => new Response(null), unreadable, /no event stream/],
    [
      'is of a later version',
      () => streaming(done, { 'x-vercel-ai-ui-message-stream': 'v2' }),
      unreadable,
      /version/,
    ],
    ['is a redirect', moved(307), unreadable, /redirect 307/],
    ['is a choice of addresses', moved(300), unreadable, /redirect 300/],
    [
      'is a refusal',
      () => new Response('a secret', { status: 400 }),
      'The agent refused to answer (status 400).',
      /status 400/,
    ],
    [
      'is a fault',
      () => new Response('a secret', { status: 502 }),
      'The agent refused to answer (status 502).',
      /status 502/,
    ],
  ])('that %s ends the run as failed, in words', async (_, response, words, report) => {
    const { outcome, reason, error, reports } = await told(response);
    expect(outcome).toBe('failed');
    expect(reason).toBe(words === brokenOff ? 'unavailable' : 'internal');
    expect(error).toBe(words);
    expect(reports).toMatch(report);
    expect(reports).not.toContain('secret');
  });

  it('that has an event without an end is closed, and not kept', async () => {
    let pulled = 0;
    const line = new Uint8Array(1024 * 1024).fill(97);
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled++;
        controller.enqueue(pulled === 1 ? new TextEncoder().encode('data: "') : line);
      },
    });
    const { outcome, error, reports } = await told(() => streaming(body));
    expect([outcome, error]).toEqual(['failed', unreadable]);
    expect(reports).toContain('larger than 16 MB');
    expect(pulled).toBeLessThan(30);
  });

  it('may be long, when its events are not', async () => {
    const padding = `: ${'a'.repeat(900_000)}\n\n`;
    const text = `${Array.from({ length: 20 }, (_, at) => padding + events({ type: 'x-pad', at })).join('')}${done}`;
    const { outcome, chunks } = await told(() => streaming(text));
    expect([outcome, chunks.length]).toEqual(['finished', 21]);
  });
});

describe('the request to a remote agent', () => {
  /** The requests that it is sent for one message. */
  async function asked(options: Partial<RemoteAgentOptions>, more: object = {}) {
    const requests: Request[] = [];
    const agent = remoteAgent({
      url: 'https://agent.test/run?model=a',
      ...options,
      fetch: async (input, init) => {
        requests.push(new Request(input as URL, init));
        return streaming(events(...answer('Hi')) + done);
      },
    });
    const server = await startOwnServer({ agent, authorize: () => ({ id: 'ann' }) });
    const id = `s-${crypto.randomUUID()}`;
    const response = await server.post(
      JSON.stringify({
        id,
        command: 'c1',
        trigger: 'submit-message',
        message: { id: 'm1', role: 'user', parts: [{ type: 'text', text: 'hello' }] },
        ...more,
      }),
      {
        headers: {
          'content-type': 'application/json',
          cookie: 'user=ann',
          authorization: 'Bearer t',
        },
      },
    );
    const { run, messageId } = (await response.json()) as Record<string, string>;
    await expect.poll(() => requests.length).toBe(1);
    const [request] = requests as [Request];
    return { id, run, messageId, request, body: (await request.json()) as object };
  }

  it('says which run it is, and what every client shows; and nothing of the user’s request', async () => {
    const more = { metadata: { a: 1 }, body: { model: 'b' } };
    const { id, run, messageId, request, body } = await asked({}, more);
    expect(body).toEqual({
      id,
      runId: run,
      messageId,
      messages: [{ id: 'm1', role: 'user', parts: [{ type: 'text', text: 'hello' }] }],
      trigger: 'submit-message',
      metadata: { a: 1 },
      participantId: 'ann',
      agentName: 'agent',
    });
    expect([request.method, request.url]).toEqual(['POST', 'https://agent.test/run?model=a']);
    expect(Object.fromEntries(request.headers)).toEqual({
      accept: 'text/event-stream',
      'content-type': 'application/json',
    });
  });

  it('has what the application adds, also by the run; and none of that takes the place of what is known', async () => {
    const { request, body } = await asked(
      {
        headers: ({ participant }) => ({ 'x-user': participant.id, 'content-type': 'text/plain' }),
        body: async ({ body: said }) => ({ ...said, participantId: 'eve' }),
      },
      { body: { model: 'b', participantId: 'eve', messages: [] } },
    );
    expect(body).toMatchObject({ model: 'b', participantId: 'ann', messages: [{ id: 'm1' }] });
    expect(request.headers.get('x-user')).toBe('ann');
    expect(request.headers.get('content-type')).toBe('application/json');
  });

  it.each(['', '/run', 'ftp://agent.test/'])('needs an address (%s)', (url) => {
    expect(() => remoteAgent({ url })).toThrow(/unable to make a remote agent: `url`/);
  });
});
