import { createChatTransport } from '@holdfast/client';
import type { UIMessage } from 'ai';
import { expect, onTestFinished, test } from 'vitest';
import { observe, textOf } from '../support/chat.ts';
import { common } from '../support/room.ts';
import { freshId, gatedAgent, startServer, text } from '../support/server.ts';
import { sockets } from '../support/sockets.ts';

/** A session in which one turn is over and the second reply is under way, with an open tool call. */
async function underWay() {
  const agent = gatedAgent();
  const server = await startServer(agent.agent);
  const make = () => {
    const transport = createChatTransport<UIMessage>({
      api: server.api,
      WebSocket: sockets().WebSocket,
      ...common,
      environment: { random: () => 0 },
    });
    onTestFinished(() => transport.close());
    return transport;
  };
  onTestFinished(() => server[Symbol.asyncDispose]());
  const id = freshId();
  const first = observe({ id, transport: make() });
  const turn = first.chat.sendMessage({ text: 'one' });
  const before = await agent.run(0);
  before.emit({ type: 'start' }, ...text('t', 'first'), { type: 'finish' });
  before.end();
  await turn;
  const done = first.chat.sendMessage({ text: 'two' });
  const run = await agent.run(1);
  run.emit({ type: 'start' }, { type: 'start-step' }, ...text('t', 'second'));
  run.emit({ type: 'tool-input-start', toolCallId: 'c', toolName: 'ask' });
  run.emit({ type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: '{"q":' });
  await first.until(() => first.chat.lastMessage?.parts.length === 3);
  const finish = async () => {
    run.emit({ type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: '1}' });
    run.emit({ type: 'tool-input-available', toolCallId: 'c', toolName: 'ask', input: { q: 1 } });
    run.emit({ type: 'tool-output-available', toolCallId: 'c', output: 2 });
    run.emit({ type: 'finish-step' }, { type: 'finish' });
    run.end();
    await done;
  };
  return { first, id, make, finish };
}

const plain = (messages: readonly UIMessage[]) => JSON.parse(JSON.stringify(messages)) as unknown;

test.each([
  ['no messages', 0, 1],
  ['the messages before the reply', 3, 4],
  ['the partial reply too, with a call that is being typed', 4, 4],
])('a page that was given %s resumes to the same reply, once', async (_, given, expected) => {
  const { first, id, make, finish } = await underWay();
  const messages = structuredClone(first.chat.messages.slice(0, given));
  const page = observe({ id, transport: make(), messages });
  const resumed = page.chat.resumeStream();
  await page.until(() => page.chat.status === 'streaming');
  await finish();
  await resumed;
  expect(page.chat.messages).toHaveLength(expected);
  expect(plain(page.chat.messages.slice(-1))).toEqual(plain(first.chat.messages.slice(-1)));
  expect(page.errors).toEqual([]);
});

test('a message of another tab that is put in front in mid-stream does not disturb the reply', async () => {
  const { first, id, make, finish } = await underWay();
  const page = observe({ id, transport: make(), messages: [] });
  const resumed = page.chat.resumeStream();
  await page.until(() => page.chat.status === 'streaming');
  page.chat.messages = [...first.chat.messages.slice(0, 3), ...page.chat.messages];
  await finish();
  await resumed;
  expect(page.chat.messages.map(textOf)).toEqual(['one', 'first', 'two', 'second']);
});

test('resuming twice leaves one reply: the newer attach takes over from the older', async () => {
  const { first, id, make, finish } = await underWay();
  const page = observe({ id, transport: make(), messages: first.chat.messages.slice(0, 3) });
  const older = page.chat.resumeStream();
  const newer = page.chat.resumeStream();
  await page.until(() => page.chat.status === 'streaming');
  await finish();
  await Promise.all([older, newer]);
  expect(page.chat.messages).toHaveLength(4);
  expect(first.finishes.at(-1)).toMatchObject({ isAbort: false });
});

test('a page that closes its transport does not stop the run', async () => {
  const { first, id, make, finish } = await underWay();
  const transport = make();
  const page = observe({ id, transport });
  const resumed = page.chat.resumeStream();
  await page.until(() => page.chat.status === 'streaming');
  transport.close();
  await resumed;
  expect(page.finishes).toEqual([{ isAbort: true, isDisconnect: false, isError: false }]);
  await finish();
  expect(first.finishes.at(-1)).toEqual({ isAbort: false, isDisconnect: false, isError: false });
});
