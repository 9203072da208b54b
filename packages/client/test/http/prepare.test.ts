import { type ChatTransportOptions, createChatTransport } from '@holdfast/client';
import { DefaultChatTransport, type HttpChatTransportInitOptions, type UIMessage } from 'ai';
import { expect, expectTypeOf, onTestFinished, test, vi } from 'vitest';
import { observe } from '../support/chat.ts';
import { startGateway } from '../support/gateway.ts';
import { sockets } from '../support/sockets.ts';
import { memoryStorage } from '../support/storage.ts';

type Own = UIMessage<{ at: number }>;
type Prepare = NonNullable<HttpChatTransportInitOptions<UIMessage>['prepareSendMessagesRequest']>;

test('the options of DefaultChatTransport fit, and the type of messages flows into the hook', () => {
  const stock: Omit<HttpChatTransportInitOptions<Own>, 'prepareReconnectToStreamRequest'> = {};
  const ours: ChatTransportOptions<Own> = stock;
  createChatTransport(ours);
  createChatTransport<Own>({
    prepareSendMessagesRequest: ({ id, messages }) => {
      expectTypeOf(messages).toEqualTypeOf<Own[]>();
      return { body: { id, message: messages.at(-1) } };
    },
  });
});

async function setUp(options: ChatTransportOptions = {}) {
  const gateway = await startGateway();
  const transport = createChatTransport<UIMessage>({
    api: gateway.api,
    WebSocket: sockets().WebSocket,
    onError: () => {},
    ...options,
  });
  onTestFinished(async () => {
    transport.close();
    await gateway[Symbol.asyncDispose]();
  });
  return { gateway, transport, chat: observe({ id: 's1', transport }).chat };
}

const refused = { error: { code: 'bad_request', message: 'unable to send: no' } };

/** What the hook is called with by our transport and by the SDK's, for the same call. */
async function calledBy(kind: 'ours' | 'stock'): Promise<Parameters<Prepare>[0]> {
  const prepare = vi.fn<Prepare>(() => {
    throw new Error('seen');
  });
  const options = {
    headers: () => ({ 'X-Base': '1', 'x-both': 'transport' }),
    body: async () => ({ model: 'small', tone: 'dry' }),
    credentials: () => 'include' as const,
    prepareSendMessagesRequest: prepare,
  };
  const { transport, gateway } = await setUp(options);
  const sender =
    kind === 'ours' ? transport : new DefaultChatTransport({ ...options, api: gateway.api });
  const { chat } = observe({
    id: 's1',
    transport: sender,
    messages: [{ id: 'a0', role: 'assistant', parts: [] }],
  });
  await chat.sendMessage(
    { id: 'u1', role: 'user', parts: [{ type: 'text', text: 'hi' }] },
    { headers: { 'x-both': 'call' }, body: { tone: 'warm' }, metadata: { from: 'call' } },
  );
  expect(chat.error?.message).toBe('seen');
  expect(gateway.posts.size).toBe(0);
  const [given] = prepare.mock.calls[0] ?? [];
  if (!given) throw new Error('not called');
  return { ...given, api: new URL(given.api).pathname };
}

test('the hook is called with what the SDK’s own transport calls it with', async () => {
  const [ours, stock] = [await calledBy('ours'), await calledBy('stock')];
  expect(ours).toEqual(stock);
  expect(ours).toMatchObject({
    id: 's1',
    api: '/api/chat',
    trigger: 'submit-message',
    body: { model: 'small', tone: 'warm' },
    headers: { 'x-base': '1', 'x-both': 'call' },
    credentials: 'include',
    requestMetadata: { from: 'call' },
  });
});

/** The shapes that the SDK's documentation shows. */
const shapes: readonly (readonly [string, Prepare])[] = [
  [
    'the whole list',
    ({ id, messages, body }) => ({ body: { ...body, id, messages, mode: 'fast' } }),
  ],
  [
    'the last message',
    ({ id, messages }) => ({ body: { id, message: messages.at(-1), mode: 'fast' } }),
  ],
  [
    'trigger and message id',
    ({ id, messages, trigger, messageId }) => ({
      body: { id, trigger, messageId, message: messages.at(-1), mode: 'fast' },
    }),
  ],
  ['of a promise', ({ id }) => Promise.resolve({ body: { id, mode: 'fast' } })],
];

test.each(shapes)(
  'of a body with %s the agent is given what the application added',
  async (_, prepareSendMessagesRequest) => {
    const { gateway, chat } = await setUp({ prepareSendMessagesRequest });
    const sent = chat.sendMessage({
      id: 'u1',
      role: 'user',
      parts: [{ type: 'text', text: 'hi' }],
    });
    const post = await gateway.posts.take();
    expect(post.body).toMatchObject({ id: 's1', command: 'u1', body: { mode: 'fast' } });
    expect(post.body.body).toEqual({ mode: 'fast' });
    expect(post.body.message).toMatchObject({ id: 'u1', parts: [{ text: 'hi' }] });
    expect(post.body).not.toHaveProperty('messages');
    post.answer(400, refused);
    await sent;
  },
);

test.each<readonly [string, (message: UIMessage) => object]>([
  ['message', (message) => ({ message })],
  ['the last of messages', (message) => ({ messages: [message] })],
])('the new message is sent as the hook has it: %s', async (_, within) => {
  const { gateway, chat } = await setUp({
    prepareSendMessagesRequest: ({ messages }) => ({
      body: within({ ...(messages.at(-1) as UIMessage), metadata: { at: 1 } }),
    }),
  });
  const sent = chat.sendMessage({ text: 'hi' });
  const post = await gateway.posts.take();
  expect(post.body.message).toMatchObject({ metadata: { at: 1 }, parts: [{ text: 'hi' }] });
  expect(post.body).not.toHaveProperty('body');
  post.answer(400, refused);
  await sent;
});

test.each([{ message: 'hi', messages: 'all' }, { message: null, messages: null }, { message: 1 }])(
  'what is no message is none: %o',
  async (body) => {
    const { gateway, chat } = await setUp({ prepareSendMessagesRequest: () => ({ body }) });
    const sent = chat.sendMessage({ text: 'hi' });
    const post = await gateway.posts.take();
    expect(post.body).not.toHaveProperty('body');
    expect(post.body.message).toMatchObject({ parts: [{ text: 'hi' }] });
    post.answer(400, refused);
    await sent;
  },
);

test('a regeneration sends no message, whatever the hook returns', async () => {
  const { gateway, transport } = await setUp({
    prepareSendMessagesRequest: ({ messages }) => ({ body: { message: 'hi', messages } }),
  });
  const messages: UIMessage[] = [{ id: 'u1', role: 'user', parts: [{ type: 'text', text: 'hi' }] }];
  const sent = transport.sendMessages({
    trigger: 'regenerate-message',
    chatId: 's1',
    messageId: undefined,
    messages,
    abortSignal: undefined,
  });
  const post = await gateway.posts.take();
  expect(post.body).toMatchObject({ trigger: 'regenerate-message', after: 'u1' });
  expect(post.body).not.toHaveProperty('message', 'hi');
  post.answer(400, refused);
  await expect(sent).rejects.toMatchObject({ code: 'bad_request' });
});

test('headers, credentials and address of the hook take the place of the options, with the token beside', async () => {
  const inits: RequestInit[] = [];
  const { gateway, transport, chat } = await setUp({
    headers: { 'x-base': '1' },
    credentials: 'omit',
    token: 'secret',
    fetch: (input, init) => {
      inits.push(init ?? {});
      return fetch(input, init);
    },
    prepareSendMessagesRequest: ({ api, body }) => ({
      api: `${api}?region=eu`,
      headers: [['X-Own', '2']],
      credentials: 'include',
      body: { ...body, mode: 'fast' },
    }),
  });
  const sent = chat.sendMessage({ text: 'hi' });
  const post = await gateway.posts.take();
  expect(post.headers).toMatchObject({ 'x-own': '2', authorization: 'Bearer secret' });
  expect(post.headers).not.toHaveProperty('x-base');
  expect(inits[0]?.credentials).toBe('include');
  post.answer(400, refused);
  await sent;
  // Other requests are nobody's to prepare.
  transport.snapshot('s1').catch(() => {});
  expect((await gateway.posts.take()).headers).toMatchObject({ 'x-base': '1' });
});

test('a hook that returns no headers leaves those of transport and call', async () => {
  const { gateway, chat } = await setUp({
    headers: { 'x-base': '1' },
    prepareSendMessagesRequest: ({ body }) => ({ body: { ...body } }),
  });
  const sent = chat.sendMessage({ text: 'hi' }, { headers: { 'x-call': '2' } });
  const post = await gateway.posts.take();
  expect(post.headers).toMatchObject({ 'x-base': '1', 'x-call': '2' });
  post.answer(400, refused);
  await sent;
});

test('the hook is called once for a send, however often that is tried', async () => {
  const prepare = vi.fn<Prepare>(({ body }) => ({ body: { ...body, mode: 'fast' } }));
  const { gateway, chat } = await setUp({
    prepareSendMessagesRequest: prepare,
    environment: { random: () => 0 },
  });
  const sent = chat.sendMessage({ text: 'hi' });
  (await gateway.posts.take()).answer(503, 'upset');
  const post = await gateway.posts.take();
  expect(post.body.body).toEqual({ mode: 'fast' });
  post.answer(400, refused);
  await sent;
  expect(prepare).toHaveBeenCalledTimes(1);
});

test.each(['enqueue', 'post'] as const)(
  'what is sent by %s is prepared too, by itself',
  async (verb) => {
    const prepare = vi.fn<Prepare>(() => ({ body: { mode: 'fast' } }));
    const { gateway, transport } = await setUp({ prepareSendMessagesRequest: prepare });
    const sent = transport[verb]('s1', 'later');
    const post = await gateway.posts.take();
    expect(post.body.body).toEqual({ mode: 'fast' });
    expect(prepare.mock.calls[0]?.[0].messages).toMatchObject([{ parts: [{ text: 'later' }] }]);
    post.answer(400, refused);
    await expect(sent).rejects.toMatchObject({ code: 'bad_request' });
  },
);

test('a stored send keeps the body that was prepared, and none of the headers', async () => {
  const storage = memoryStorage();
  const { gateway, transport, chat } = await setUp({
    outbox: { storage },
    prepareSendMessagesRequest: () => ({
      body: { mode: 'fast' },
      headers: { authorization: 'Bearer secret' },
    }),
  });
  const sent = chat.sendMessage({ text: 'hi' });
  await gateway.posts.take();
  transport.close();
  await sent;
  const [value = ''] = storage.values.values();
  expect(JSON.parse(value)).toMatchObject({ send: { body: { mode: 'fast' } } });
  expect(value).not.toContain('secret');
});
