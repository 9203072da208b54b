import { createChatTransport } from '@holdfast/client';
import {
  lastAssistantMessageIsCompleteWithToolCalls,
  type UIMessage,
  type UIMessageChunk,
} from 'ai';
import { expect, onTestFinished, test } from 'vitest';
import { observe } from '../support/chat.ts';
import { freshId, gatedAgent, startServer, text } from '../support/server.ts';
import { bursts, sockets } from '../support/sockets.ts';

const call = (id: string): UIMessageChunk => ({
  type: 'tool-input-available',
  toolCallId: id,
  toolName: 'ask',
  input: { q: id },
});

async function setUp() {
  const agent = gatedAgent();
  const server = await startServer(agent.agent);
  onTestFinished(() => server[Symbol.asyncDispose]());
  const id = freshId();
  const tab = (messages: UIMessage[] = []) => {
    const transport = createChatTransport<UIMessage>({
      api: server.api,
      WebSocket: sockets().WebSocket,
      environment: { random: () => 0 },
    });
    onTestFinished(() => transport.close());
    const calls: string[] = [];
    const view = observe({
      id,
      messages,
      transport,
      sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
      onToolCall: ({ toolCall }) => {
        calls.push(toolCall.toolCallId);
      },
    });
    return { ...view, view, calls, transport };
  };
  return { agent, server, tab };
}

const partTypes = (message: UIMessage | undefined) => message?.parts.map(({ type }) => type);

test('a client tool is answered, the same message goes on, and a page that joins sees all of it', async () => {
  const { agent, tab } = await setUp();
  const first = tab();
  const asked = first.chat.sendMessage({ text: 'hi' });
  const run = await agent.run(0);
  run.emit({ type: 'start' }, { type: 'start-step' }, ...text('t', 'before '), call('c1'));
  run.emit({ type: 'finish-step' }, { type: 'finish' });
  run.end();
  await asked;
  expect(first.calls).toEqual(['c1']);
  await first.chat.addToolOutput({ tool: 'ask', toolCallId: 'c1', output: 'yes' });
  const next = await agent.run(1);
  expect(next.context.messages.at(-1)).toMatchObject({ role: 'assistant' });
  next.emit({ type: 'start' }, { type: 'start-step' }, ...text('t', 'after'));
  await first.view.until(() => first.view.text === 'before after');

  const joined = tab(first.chat.messages.slice(0, 1));
  const resumed = joined.chat.resumeStream();
  await joined.view.until(() => joined.view.text === 'before after');
  expect(joined.calls).toEqual([]);
  next.emit({ type: 'finish-step' }, { type: 'finish' });
  next.end();
  await resumed;
  await first.view.until(() => first.chat.status === 'ready');
  expect(joined.chat.messages).toHaveLength(2);
  expect(partTypes(joined.chat.lastMessage)).toEqual(partTypes(first.chat.lastMessage));
  const plain = (message: UIMessage | undefined) => JSON.parse(JSON.stringify(message)) as unknown;
  expect(plain(joined.chat.lastMessage)).toEqual(plain(first.chat.lastMessage));
  const stored = await first.transport.snapshot(first.chat.id);
  expect(plain(first.chat.lastMessage)).toEqual(stored.messages.at(-1));
});

test('two tabs that give the same output get one run, and both show the first answer', async () => {
  const { agent, tab } = await setUp();
  const first = tab();
  const asked = first.chat.sendMessage({ text: 'hi' });
  const run = await agent.run(0);
  run.emit({ type: 'start' }, { type: 'start-step' }, call('c1'));
  await first.view.until(() => first.chat.lastMessage?.parts.length === 2);
  const second = tab(first.chat.messages.slice(0, 1));
  const resumed = second.chat.resumeStream();
  await second.view.until(() => second.chat.lastMessage?.parts.length === 2);
  run.emit({ type: 'finish-step' }, { type: 'finish' });
  run.end();
  await Promise.all([asked, resumed]);
  expect([first.calls, second.calls]).toEqual([['c1'], ['c1']]);

  await first.chat.addToolOutput({ tool: 'ask', toolCallId: 'c1', output: 'mine' });
  const next = await agent.run(1);
  next.emit({ type: 'start' }, { type: 'start-step' }, ...text('t', 'after'));
  await first.view.until(() => first.view.text === 'after');
  await second.chat.addToolOutput({ tool: 'ask', toolCallId: 'c1', output: 'too late' });
  await second.view.until(() => second.view.text === 'after');
  next.emit({ type: 'finish-step' }, { type: 'finish' });
  next.end();
  await first.view.until(() => first.chat.status === 'ready');
  await second.view.until(() => second.chat.status === 'ready');
  expect(agent.started).toBe(2);
  const output = { type: 'tool-ask', output: 'mine' };
  expect(first.chat.lastMessage?.parts[1]).toMatchObject(output);
  expect(second.chat.lastMessage?.parts[1]).toMatchObject(output);
});

test('a retry of a continuation whose run failed gets a run of its own', async () => {
  const { agent, tab } = await setUp();
  const first = tab();
  const asked = first.chat.sendMessage({ text: 'hi' });
  const run = await agent.run(0);
  run.emit({ type: 'start' }, { type: 'start-step' }, call('c1'), { type: 'finish-step' });
  run.end();
  await asked;
  await first.chat.addToolOutput({ tool: 'ask', toolCallId: 'c1', output: 'yes' });
  const failing = await agent.run(1);
  failing.emit({ type: 'start' }, { type: 'start-step' }, ...text('t', 'half '));
  await first.view.until(() => first.view.text === 'half ');
  failing.fail(new Error('no'));
  await first.view.until(() => first.chat.status === 'error');
  const retried = first.chat.sendMessage();
  const again = await agent.run(2);
  expect(again.context.messages.at(-1)).toMatchObject({ role: 'assistant' });
  again.emit({ type: 'start' }, { type: 'start-step' }, ...text('u', 'whole'));
  again.end();
  await retried;
  expect(first.view.text).toBe('half whole');
  expect(agent.started).toBe(3);
});

test('a run that was stopped does not go on by itself', async () => {
  const { agent, tab } = await setUp();
  const first = tab();
  const asked = first.chat.sendMessage({ text: 'hi' });
  const run = await agent.run(0);
  run.emit({ type: 'start' }, { type: 'start-step' }, call('c1'));
  run.emit({ type: 'tool-output-available', toolCallId: 'c1', output: 1 });
  await first.view.until(() => first.calls.length === 1);
  await first.transport.cancel(first.chat.id);
  await asked;
  expect(first.finishes).toEqual([{ isAbort: true, isDisconnect: false, isError: false }]);
  expect(agent.started).toBe(1);
});

test('HF-FOLD-3: transient data first of all reaches who asked, also in one breath with the start', async () => {
  const agent = gatedAgent();
  const server = await startServer(agent.agent);
  onTestFinished(() => server[Symbol.asyncDispose]());
  // From the second answer on the socket gives all at once what a run begins with, and that is heard of
  // before the answer to the request.
  const wire = bursts();
  const transport = createChatTransport<UIMessage>({
    api: server.api,
    WebSocket: wire.WebSocket,
    fetch: async (...request) => {
      const response = await fetch(...request);
      if (wire.isHeld) await wire.given();
      return response;
    },
  });
  onTestFinished(() => transport.close());
  const seen: unknown[] = [];
  const { chat } = observe({ id: freshId(), transport, onData: ({ data }) => seen.push(data) });
  const first = chat.sendMessage({ text: 'hi' });
  (await agent.run(0)).end();
  await first;
  wire.hold('"last"');
  const asked = chat.sendMessage({ text: 'and' });
  const run = await agent.run(1);
  run.emit({ type: 'data-note', data: 'gone', transient: true }, ...text('t', 'last'));
  run.end();
  await asked;
  expect(seen).toEqual(['gone']);
  expect(chat.lastMessage?.parts).toMatchObject([{ type: 'text', text: 'last' }]);
});

test('transient data reaches who is there, and nobody who joins later', async () => {
  const { agent, tab } = await setUp();
  const { chat, transport } = tab();
  const seen: unknown[] = [];
  const live = observe({ id: chat.id, transport, onData: ({ data }) => seen.push(data) });
  const asked = live.chat.sendMessage({ text: 'hi' });
  const run = await agent.run(0);
  run.emit({ type: 'start' }, { type: 'data-note', data: 'gone', transient: true });
  run.emit({ type: 'data-note', id: 'n', data: 'stays' }, ...text('t', 'x'));
  await live.until(() => live.text === 'x');
  const late: unknown[] = [];
  const other = tab();
  const joined = observe({
    id: chat.id,
    transport: other.transport,
    onData: ({ data }) => late.push(data),
  });
  const resumed = joined.chat.resumeStream();
  await joined.until(() => joined.text === 'x');
  run.end();
  await Promise.all([asked, resumed]);
  expect(seen).toEqual(['gone', 'stays']);
  expect(late).toEqual(['stays']);
});
