import { type ChatTransportOptions, createChatTransport } from '@holdfast/client';
import type { UIMessage } from 'ai';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { manualClock } from './support/clock.ts';
import { startGateway } from './support/gateway.ts';

const loading = vi.hoisted(() => ({ tries: 0, fails: 0 }));

vi.mock('../src/transport/special-sends.ts', async (original) => {
  if (loading.tries++ < loading.fails) throw new Error('the file is away');
  return await original();
});

const answered: UIMessage = {
  id: 'a1',
  role: 'assistant',
  parts: [
    { type: 'tool-ask', toolCallId: 'c1', state: 'output-available', input: {}, output: 'yes' },
  ],
};

const typed: UIMessage = { id: 'u1', role: 'user', parts: [{ type: 'text', text: 'hi' }] };

async function setUp(fails: number, options: ChatTransportOptions = {}) {
  Object.assign(loading, { tries: 0, fails });
  const gateway = await startGateway();
  const clock = manualClock();
  const transport = createChatTransport({
    ...options,
    api: gateway.api,
    WebSocket,
    environment: clock.environment,
  });
  onTestFinished(async () => {
    transport.close();
    await gateway[Symbol.asyncDispose]();
  });
  const user = new AbortController();
  const send = (message: UIMessage) =>
    transport.sendMessages({
      trigger: 'submit-message',
      chatId: 's1',
      messageId: undefined,
      messages: [message],
      abortSignal: user.signal,
    });
  return { gateway, clock, transport, user, send };
}

async function passPauses(clock: ReturnType<typeof manualClock>, tries: number): Promise<void> {
  for (let at = 0; at < tries; at++) {
    await clock.waiting(1);
    clock.advance(10_000);
  }
}

test('a message of a user needs nothing of what answers need', async () => {
  const { gateway, transport, user, send } = await setUp(Number.POSITIVE_INFINITY);
  const sent = send(typed);
  expect((await gateway.posts.take()).body).toMatchObject({ command: 'u1' });
  user.abort();
  await expect(sent).rejects.toMatchObject({ name: 'AbortError' });
  transport.close();
  expect(loading.tries).toBe(0);
});

test('answers that cannot be read at all are told as a network that failed, in words', async () => {
  const { gateway, clock, transport, send } = await setUp(Number.POSITIVE_INFINITY);
  const sent = expect(send(answered)).rejects.toThrow(/^network failed: ./);
  expect(transport.session('s1').acts.size).toBe(1);
  await passPauses(clock, 19);
  await sent;
  expect(loading.tries).toBe(20);
  expect(transport.session('s1').acts.size).toBe(0);
  expect(gateway.posts.size).toBe(0);
});

test('a stop ends the waiting for what is to be loaded', async () => {
  const { gateway, clock, user, send } = await setUp(Number.POSITIVE_INFINITY);
  const sent = expect(send(answered)).rejects.toMatchObject({ name: 'AbortError' });
  await clock.waiting(1);
  user.abort();
  await sent;
  expect(loading.tries).toBe(1);
  expect(gateway.posts.size).toBe(0);
});

const prepareSendMessagesRequest = () => ({ body: { mode: 'fast' } });

test('what calls the hook of an application is loaded as soon as a chat is shown', async () => {
  const { transport } = await setUp(Number.POSITIVE_INFINITY, {
    prepareSendMessagesRequest,
  });
  expect(loading.tries).toBe(0);
  transport.hold('s1');
  await vi.waitFor(() => expect(loading.tries).toBe(1));
});

test('a stop ends the waiting for what calls the hook, and the message shows as it does without one', async () => {
  const { gateway, clock, transport, user, send } = await setUp(Number.POSITIVE_INFINITY, {
    prepareSendMessagesRequest,
  });
  const sent = expect(send(typed)).rejects.toMatchObject({ name: 'AbortError' });
  await clock.waiting(1);
  expect([...transport.session('s1').acts]).toMatchObject([{ command: 'u1', message: typed }]);
  user.abort();
  await sent;
  expect(transport.session('s1').acts.size).toBe(0);
  expect(gateway.posts.size).toBe(0);
});

// The last one: what has been loaded once stays.
test('a page that has left sends its answers when they can be read', async () => {
  const { gateway, clock, user, send } = await setUp(2, { onAbort: 'detach' });
  const sent = expect(send(answered)).rejects.toMatchObject({ name: 'AbortError' });
  await clock.waiting(1);
  user.abort();
  await passPauses(clock, 2);
  expect((await gateway.posts.take()).body).toMatchObject({
    continues: 'a1',
    answers: [{ type: 'tool-output-available', toolCallId: 'c1', output: 'yes' }],
  });
  await sent;
});
