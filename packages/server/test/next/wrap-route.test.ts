// Routes as the AI SDK documents them, wrapped.
import { createUIMessageStream, createUIMessageStreamResponse, type UIMessageChunk } from 'ai';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createHoldfast } from '../../src/index.ts';
import type { StockRoute } from '../../src/next/index.ts';
import { userMessage } from '../support/server.ts';

// Outside of Next there is nothing behind which work could go on.
vi.mock('next/server.js', () => ({ after: (work: Promise<unknown>) => void work }));

async function wrapped(route: StockRoute) {
  const { wrapRoute } = await import('../../src/next/index.ts');
  const onError = vi.fn();
  const holdfast = createHoldfast({
    prefix: crypto.randomUUID(),
    authorize: () => ({ id: 'u' }),
    onError,
  });
  onTestFinished(() => holdfast.close());
  const { POST } = wrapRoute(route, holdfast);
  const session = holdfast.session('s1');
  const send = async (text: string) =>
    POST(
      new Request('http://x/api/chat', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-tenant': 'acme',
        },
        body: JSON.stringify({
          id: 's1',
          trigger: 'submit-message',
          messages: [...(await session.state()).messages, userMessage(crypto.randomUUID(), text)],
          model: 'large',
        }),
      }),
      { params: Promise.resolve({ path: [] }) },
    );
  const stop = () =>
    POST(new Request('http://x/api/chat/s1/stop', { method: 'POST' }), {
      params: Promise.resolve({ path: ['s1', 'stop'] }),
    });
  return { send, stop, onError, session };
}

const streamOf = (chunks: readonly unknown[]) =>
  new ReadableStream<UIMessageChunk>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk as UIMessageChunk);
      controller.close();
    },
  });

const said = (text: string) => [
  { type: 'start' },
  { type: 'text-start', id: '1' },
  { type: 'text-delta', id: '1', delta: text },
  { type: 'text-end', id: '1' },
  { type: 'finish' },
];

it('a stock route is asked with the session’s messages, and what it answers is in the session', async () => {
  const asked: unknown[] = [];
  const { send, session } = await wrapped(async (request) => {
    const { id, trigger, messages, model } = await request.json();
    asked.push([id, trigger, messages.length, model, request.headers.get('x-tenant')]);
    return createUIMessageStreamResponse({ stream: streamOf(said('Hello')) });
  });
  expect(await (await send('One')).text()).toContain('"delta":"Hello"');
  await (await send('Two')).text();
  expect(asked).toEqual([
    ['s1', 'submit-message', 1, 'large', 'acme'],
    ['s1', 'submit-message', 3, 'large', 'acme'],
  ]);
  const { messages } = await session.state();
  expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
});

it('HF-ENT-2: a route is told the id under which clients show what it answers', async () => {
  const stored: string[] = [];
  const { send, session } = await wrapped(async (request) => {
    const { messages } = await request.json();
    return createUIMessageStreamResponse({
      stream: createUIMessageStream({
        originalMessages: messages,
        generateId: () => request.headers.get('holdfast-message') ?? '',
        execute: ({ writer }) => {
          for (const chunk of said('Hello')) writer.write(chunk as UIMessageChunk);
        },
        onFinish: ({ responseMessage }) => {
          stored.push(responseMessage.id);
        },
      }),
    });
  });
  await (await send('One')).text();
  const { messages } = await session.state();
  expect(stored).toEqual([messages[1]?.id]);
});

it('chunks of a kind that nobody knows yet pass', async () => {
  const { send } = await wrapped(() =>
    createUIMessageStreamResponse({
      stream: streamOf([...said('Hello').slice(0, -1), { type: 'of-next-year', at: 1 }]),
    }),
  );
  expect(await (await send('One')).text()).toContain('{"type":"of-next-year","at":1}');
});

it('a stop reaches the signal of the route’s request', async () => {
  let signal: AbortSignal | undefined;
  const { send, stop, session } = await wrapped((request) => {
    signal = request.signal;
    const open = new ReadableStream<UIMessageChunk>({
      start(controller) {
        for (const chunk of said('Hello').slice(0, 3)) controller.enqueue(chunk as UIMessageChunk);
        request.signal.addEventListener('abort', () => controller.close());
      },
    });
    return createUIMessageStreamResponse({ stream: open });
  });
  const answer = (await send('One')).text();
  await vi.waitFor(async () => expect((await session.state()).messages).toHaveLength(2));
  expect((await stop()).status).toBe(200);
  await answer;
  expect(signal?.aborted).toBe(true);
  expect((await session.state()).runs.at(-1)?.state).toBe('stopped');
});

it('a route that refuses fails the run, and the server is told with which status', async () => {
  const { send, onError, session } = await wrapped(() => new Response('no', { status: 402 }));
  await (await send('One')).text();
  expect((await session.state()).runs.at(-1)?.state).toBe('failed');
  expect(onError.mock.calls.map(([error]) => String(error))).toEqual([
    expect.stringMatching(/unable to read the answer of the route: its status is 402/),
  ]);
});

it.each([
  ['text', () => new Response('Hello')],
  ['JSON', () => Response.json({ text: 'Hello' })],
])(
  'HF-RUN-5: a route that answers with %s fails the run, and says what it has to answer with',
  async (_, route) => {
    const { send, onError, session } = await wrapped(route);
    const words = /it has no chunk; answer with `toUIMessageStreamResponse\(\)`/;
    expect(await (await send('One')).text()).toMatch(words);
    expect((await session.state()).runs.at(-1)?.state).toBe('failed');
    expect(String(onError.mock.calls[0]?.[0])).toMatch(words);
  },
);

it('a route that says nothing, as a UI message stream, ends well', async () => {
  const { send, session } = await wrapped(() =>
    createUIMessageStreamResponse({ stream: streamOf([]) }),
  );
  await (await send('One')).text();
  expect((await session.state()).runs.at(-1)?.state).toBe('finished');
});
