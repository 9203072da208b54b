import type { UIMessage } from 'ai';
import { expect, test, vi } from 'vitest';
import { answer, second, setUp, user } from '../support/http-chat.ts';

const reply: UIMessage = { id: 'a1', role: 'assistant', parts: [{ type: 'text', text: 'ho' }] };
const answered: UIMessage = {
  id: 'a1',
  role: 'assistant',
  parts: [
    { type: 'tool-ask', toolCallId: 'c1', state: 'output-available', input: {}, output: 'yes' },
  ],
};

test.each([
  ['a new message', {}, [user, reply, second], { command: 'u2', message: second }],
  ['an edit', { messageId: 'u2' }, [user, reply, second], { after: 'a1', message: second }],
  [
    'a regeneration',
    { trigger: 'regenerate-message' as const },
    [user],
    { trigger: 'regenerate-message', after: 'u1' },
  ],
  [
    'a tool output',
    { messageId: 'a1' },
    [user, answered],
    {
      continues: 'a1',
      answers: [{ type: 'tool-output-available', toolCallId: 'c1', output: 'yes' }],
    },
  ],
  ['nothing new', { messageId: 'a1' }, [user, reply], { continues: 'a1', answers: [] }],
])('the act "%s" travels as what is new in it', async (_, options, messages, expected) => {
  const { gateway, send } = await setUp();
  const stream = send(messages, options);
  const post = await gateway.posts.take();
  expect(post.body).toMatchObject({ id: 's1', ...expected });
  expect(post.headers['content-type']).toBe('application/json');
  post.answer(200, answer);
  await stream;
});

test.each([
  [{ to: 'critic' }, { to: 'critic' }],
  [undefined, {}],
])(
  'a message that may wait can name the agent that it is for (HF-HTTP-20): %o',
  async (options, expected) => {
    const { gateway, transport } = await setUp();
    transport.enqueue('s1', 'hi', options).catch(() => {});
    const { whileBusy, to } = (await gateway.posts.take()).body;
    expect({ whileBusy, to }).toEqual({ whileBusy: 'queue', ...expected });
  },
);

/** The next request, whatever time has to pass before it. */
async function later({
  gateway,
  clock,
}: Pick<Awaited<ReturnType<typeof setUp>>, 'gateway' | 'clock'>) {
  await vi.waitFor(
    () => {
      if (gateway.posts.size === 0) clock.advance(250);
      expect(gateway.posts.size).toBeGreaterThan(0);
    },
    { interval: 10, timeout: 20_000 },
  );
  return await gateway.posts.take();
}

test('a send is repeated with the same command until it is answered (HF-HTTP-13)', async () => {
  const { gateway, clock, send } = await setUp();
  const stream = send([user]);
  for (const status of [500, 503, 429, 408, 425]) {
    const post = await later({ gateway, clock });
    expect(post.body.command).toBe('u1');
    post.answer(status, 'upset');
  }
  (await later({ gateway, clock })).drop();
  const post = await later({ gateway, clock });
  expect(post.body.command).toBe('u1');
  post.answer(200, answer);
  await stream;
});

test('a send waits until the host is online again', async () => {
  const { gateway, clock, send } = await setUp();
  const stream = send([user]);
  const lost = await gateway.posts.take();
  clock.page.online = false;
  lost.drop();
  // The request is over, and the pause has begun.
  await vi.waitFor(() => expect(clock.due).toContain(30_000));
  clock.advance(29_000);
  expect(gateway.posts.size).toBe(0);
  clock.page.online = true;
  clock.page.wake();
  (await gateway.posts.take()).answer(200, answer);
  await stream;
});

test('HF-CLI-6 a host that calls itself offline, and is not, sends all the same', async () => {
  const { gateway, clock, send } = await setUp();
  clock.page.online = false;
  const stream = send([user]);
  (await gateway.posts.take()).answer(503, 'upset');
  // An answer proves the hint wrong.
  await vi.waitFor(() => expect(Math.min(...clock.due)).toBeLessThan(1_000));
  (await later({ gateway, clock })).answer(200, answer);
  await stream;
});

test('HF-CLI-6 without a network a send is tried for as long as that lasts', async () => {
  let calls = 0;
  const fetch = () => (++calls > 50 ? Promise.resolve(Response.json(answer)) : Promise.reject());
  const { clock, send } = await setUp({ fetch });
  clock.page.online = false;
  const stream = send([user]);
  for (let attempt = 1; attempt <= 50; attempt++) {
    while (calls < attempt) await new Promise((resolve) => setImmediate(resolve));
    await vi.waitFor(() => expect(clock.due).toContain(30_000), { interval: 1 });
    clock.advance(30_000);
  }
  await stream;
});

test.each([
  [400, { error: { code: 'bad_request', message: 'unable to send: no' } }, 'unable to send: no'],
  [
    429,
    { error: { code: 'limit', message: 'unable to send: full up' } },
    'unable to send: full up',
  ],
  [507, { error: { code: 'full', message: 'unable to send: full' } }, 'unable to send: full'],
  [404, 'not here', /api\/chat answered 404 .*\[\[\.\.\.path\]\]/],
  [401, 'log in', /api\/chat answered 401/],
  [200, '<html>', /api\/chat answered 200 .*check the option "api"/],
])('an answer %i is not repeated and says what is wrong', async (status, body, message) => {
  const { gateway, send } = await setUp();
  const stream = send([user]);
  (await gateway.posts.take()).answer(status, body);
  await expect(stream).rejects.toMatchObject({
    name: 'HoldfastError',
    message: expect.stringMatching(message) as string,
  });
  expect(gateway.posts.size).toBe(0);
});

test.each([
  [402, { error: 'Your plan is used up' }, 'forbidden', 'Your plan is used up'],
  [403, { message: 'Ask your admin' }, 'forbidden', 'Ask your admin'],
  [403, { error: { message: 'Ask your admin', code: 7 } }, 'forbidden', 'Ask your admin'],
  [429, { error: { message: 'Ten a day', code: 'RATE-1' } }, 'limit', 'Ten a day'],
  [402, { error: { message: 'Used up', code: 'insufficient_quota' } }, 'forbidden', 'Used up'],
  [429, { error: { message: 'Ten a day', code: 'rate_limit_exceeded' } }, 'limit', 'Ten a day'],
  [413, { error: { message: 'Nine pages', code: 'too_large' } }, 'too_large', 'Nine pages'],
  [422, { why: 'no' }, 'bad_request', '{"why":"no"}'],
])(
  'HF-CLI-4 the application’s own refusal %i reaches the page at once, in its words: %o',
  async (status, body, code, message) => {
    const { gateway, send } = await setUp();
    const stream = send([user]);
    (await gateway.posts.take()).answer(status, body);
    await expect(stream).rejects.toMatchObject({ name: 'HoldfastError', code, message });
    expect(gateway.posts.size).toBe(0);
  },
);

test('HF-CLI-4 the cause of a refusal is its JSON, whatever codes are in that', async () => {
  const { gateway, send } = await setUp();
  const stream = send([user]);
  const body = { error: { message: 'Used up', code: 'insufficient_quota', plan: 'free' } };
  (await gateway.posts.take()).answer(402, body);
  await expect(stream).rejects.toMatchObject({ cause: body });
});

test('HF-CLI-4 a fault of a host is repeated, whatever code it has', async () => {
  const { gateway, clock, send } = await setUp();
  const stream = send([user]);
  const error = { code: 'service_unavailable', message: 'no healthy upstream' };
  (await gateway.posts.take()).answer(503, { error });
  (await later({ gateway, clock })).answer(200, answer);
  await stream;
});

test('HF-CLI-4 a refusal in plain text reaches the page as it is', async () => {
  const fetch = () => Promise.resolve(new Response('Ten a day', { status: 429 }));
  const { send } = await setUp({ fetch });
  await expect(send([user])).rejects.toMatchObject({ code: 'limit', message: 'Ten a day' });
});

test('HF-CLI-5 a request that nobody answers is given up and repeated, and what is typed next goes on', async () => {
  const { gateway, clock, send } = await setUp();
  const streams = [send([user]), send([user, second])];
  const silent = await gateway.posts.take();
  clock.advance(29_000);
  expect(gateway.posts.size).toBe(0);
  const again = await later({ gateway, clock });
  expect(again.body.command).toBe(silent.body.command);
  again.answer(200, { ...answer, command: 'u1' });
  const next = await gateway.posts.take();
  expect(next.body.command).toBe('u2');
  next.answer(200, { ...answer, run: 'r2', command: 'u2' });
  await Promise.all(streams);
});

test('HF-CLI-5 a body that never ends is given up and repeated', async () => {
  let calls = 0;
  const endless = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"run":')),
  });
  const fetch = async () => (++calls === 1 ? new Response(endless) : Response.json(answer));
  const { clock, send } = await setUp({ fetch });
  const stream = send([user]);
  await vi.waitFor(() => {
    clock.advance(10_000);
    expect(calls).toBe(2);
  });
  await stream;
});

test('HF-CLI-5 a large message has the time that a slow network takes for it', async () => {
  let calls = 0;
  const fetch = () => {
    calls++;
    return new Promise<Response>(() => {});
  };
  const { clock, send } = await setUp({ fetch });
  const large = { ...user, parts: [{ type: 'text' as const, text: 'x'.repeat(1_600_000) }] };
  send([large]).catch(() => {});
  await vi.waitFor(() => expect(calls).toBe(1));
  clock.advance(125_000);
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(2_000);
  expect(calls).toBe(1);
  await vi.waitFor(() => {
    clock.advance(10_000);
    expect(calls).toBe(2);
  });
});

test('after 20 tries a lost network is a disconnect to the SDK', async () => {
  let calls = 0;
  const fetch = () => {
    calls++;
    return Promise.reject(new TypeError('no route'));
  };
  const { clock, send } = await setUp({ fetch });
  const ended = expect(send([user])).rejects.toThrow(/^network failed: no route$/);
  for (let attempt = 1; attempt <= 20; attempt++) {
    while (calls < attempt) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(10_000);
  }
  await ended;
  expect(calls).toBe(20);
});

test('an abort before anything was asked sends nothing, and rejects as an abort', async () => {
  const { gateway, send } = await setUp();
  await expect(send([user], { abortSignal: AbortSignal.abort() })).rejects.toMatchObject({
    name: 'AbortError',
  });
  expect(gateway.posts.size).toBe(0);
});

test('an abort ends the repetition and settles at once', async () => {
  const { gateway, clock, send } = await setUp();
  const controller = new AbortController();
  const stream = send([user], { abortSignal: controller.signal });
  (await gateway.posts.take()).answer(503, 'upset');
  await vi.waitFor(() => expect(Math.min(...clock.due)).toBeLessThan(1_000));
  controller.abort();
  await expect(stream).rejects.toMatchObject({ name: 'AbortError' });
  clock.advance(60_000);
  expect(gateway.posts.size).toBe(0);
});

test('headers are merged in lower case, the call before the transport', async () => {
  const { gateway, send } = await setUp({
    headers: async () => new Headers({ 'X-A': 'transport', 'X-B': 'transport' }),
    body: { a: 1, b: 1 },
    metadata: () => ({ from: 'transport' }),
  });
  const stream = send([user], { headers: { 'x-A': 'call' }, body: { a: 2 } });
  const post = await gateway.posts.take();
  expect(post.headers).toMatchObject({ 'x-a': 'call', 'x-b': 'transport' });
  expect(post.body).toMatchObject({ body: { a: 2, b: 1 }, metadata: { from: 'transport' } });
  post.answer(200, answer);
  await stream;
});

test('a chat id that is no session id is refused in words', async () => {
  const { transport } = await setUp();
  await expect(transport.reconnectToStream({ chatId: 'a/b' })).rejects.toMatchObject({
    code: 'bad_request',
  });
});
