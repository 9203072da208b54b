import { createChatTransport } from '@holdfast/client';
import type { Agent } from '@holdfast/server';
import { DefaultChatTransport, simulateReadableStream, streamText, type UIMessageChunk } from 'ai';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { observe } from '../support/chat.ts';
import { freshId, startServer } from '../support/server.ts';

const shown = 'The agent gave no answer that can be shown; the server’s log says why.';

const stream = <T>(...chunks: readonly T[]): ReadableStream<T> =>
  simulateReadableStream({ chunks: [...chunks], initialDelayInMs: null, chunkDelayInMs: null });

/** By what is returned: what the server's console says. */
const mistakes: readonly (readonly [string, () => unknown, RegExp])[] = [
  [
    'a generator of texts',
    async function* () {
      yield 'Hello';
      yield ' there';
    },
    /has texts.*textStream.*text-delta/,
  ],
  ['a stream of texts', () => stream('Hello'), /has texts/],
  ['a stream of bytes', () => new Response('data: {}').body, /has bytes.*body of a Response/],
  ['a stream of something else', () => stream({ text: 'Hello' }), /without a `type`/],
  [
    'the parts of a model',
    () => stream({ type: 'start' }, { type: 'text-delta', id: 't', text: 'Hello' }),
    /`fullStream`.*streamText/,
  ],
  [
    'calls of a model',
    () => stream({ type: 'start' }, { type: 'tool-call', toolCallId: 'c', input: {} }),
    /`fullStream`.*streamText/,
  ],
  [
    'parts of messages',
    () => stream({ type: 'text', text: 'Hello' }),
    /parts of messages.*text-delta/,
  ],
  ['events of one provider', () => stream({ type: 'response.created' }), /a provider’s own client/],
  ['events of another', () => stream({ type: 'message_start' }), /a provider’s own client/],
  [
    'a generator that is not async',
    function* () {
      yield { type: 'start' };
    },
    /generator that is not async; write `async function\*`/,
  ],
  ['nothing', () => undefined, /returned nothing; is a `return` missing/],
  ['null', () => null, /returned nothing/],
  ['a text', () => 'Hello', /returned a text; return what/],
  ['a number', () => 7, /returned a number that is no stream; return what/],
  ['a list of chunks', () => [{ type: 'start' }], /returned a list that is no stream/],
  ['a function', () => streamText, /returned a function; call it/],
  ['a Response', () => new Response('Hello'), /a Response; .*without `toUIMessageStreamResponse/],
  ['a complete answer', () => ({ text: 'Hello', steps: [] }), /generateText.*use `streamText`/],
  ['an agent', () => ({ stream: () => {}, generate: () => {} }), /an agent; .*`stream\(/],
  ['an object', () => ({ toDataStream: () => {} }), /an object that is no stream/],
  ['a promise of a text', async () => 'Hello', /returned a text/],
];

/** What is a fault of the application is not for its users. */
const inProduction = () => {
  vi.stubEnv('NODE_ENV', 'production');
  onTestFinished(() => void vi.unstubAllEnvs());
};

describe.each([
  ['our transport', (api: string) => createChatTransport({ api })],
  ['the stock transport', (api: string) => new DefaultChatTransport({ api })],
])('HF-RUN-5: an agent that gives no answer, with %s', (_, make) => {
  test.each(mistakes)(
    'is told what may be returned, and its user that there is none: %s',
    async (_name, give, words) => {
      inProduction();
      const server = await startServer(give as Agent);
      onTestFinished(() => server[Symbol.asyncDispose]());
      const transport = make(server.api);
      onTestFinished(() => ('close' in transport ? transport.close() : undefined));
      const { chat, errors } = observe({ id: freshId(), transport });
      await chat.sendMessage({ text: 'Hi' });
      expect(chat.status).toBe('error');
      expect(errors.map((error) => (error as Error).message)).toEqual([shown]);
      expect(server.errors).toHaveLength(1);
      expect(String(server.errors[0])).toMatch(/^HoldfastError: unable to read the agent: /);
      expect(String(server.errors[0])).toMatch(words);
    },
  );
});

test.each(mistakes)(
  'HF-RUN-5: while it is developed, the chat itself says what may be returned: %s',
  async (_, give, words) => {
    const server = await startServer(give as Agent);
    onTestFinished(() => server[Symbol.asyncDispose]());
    const transport = new DefaultChatTransport({ api: server.api });
    const { chat, errors } = observe({ id: freshId(), transport });
    await chat.sendMessage({ text: 'Hi' });
    expect(chat.status).toBe('error');
    expect((errors[0] as Error).message).toMatch(words);
  },
);

test('HF-RUN-5: what an agent has said before it goes wrong stays', async () => {
  const chunks: UIMessageChunk[] = [
    { type: 'start' },
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'Well' },
  ];
  const server = await startServer(async function* () {
    yield* chunks;
    yield 'Hello' as never;
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const { chat } = observe({
    id: freshId(),
    transport: new DefaultChatTransport({ api: server.api }),
  });
  await chat.sendMessage({ text: 'Hi' });
  expect(chat.status).toBe('error');
  expect(chat.lastMessage?.parts).toMatchObject([{ type: 'text', text: 'Well' }]);
});
