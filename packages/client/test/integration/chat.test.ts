import { createChatTransport } from '@holdfast/client';
import type { UIMessage } from 'ai';
import { expect, onTestFinished, test, vi } from 'vitest';
import { observe } from '../support/chat.ts';
import { gatedFetch } from '../support/gate.ts';
import { freshId, gatedAgent, startServer, text } from '../support/server.ts';
import { sockets } from '../support/sockets.ts';

async function setUp(options: Parameters<typeof createChatTransport>[0] = {}) {
  const agent = gatedAgent();
  const server = await startServer(agent.agent);
  const wire = sockets();
  const make = () => {
    const transport = createChatTransport<UIMessage>({
      api: server.api,
      WebSocket: wire.WebSocket,
      environment: { random: () => 0 },
      ...options,
    });
    onTestFinished(() => transport.close());
    return transport;
  };
  onTestFinished(() => server[Symbol.asyncDispose]());
  return { agent, server, wire, make, transport: make() };
}

test('a reply streams into the chat and ends with its run', async () => {
  const { agent, transport } = await setUp();
  const view = observe({ id: freshId(), transport });
  const session = transport.session(view.chat.id);
  const sent = view.chat.sendMessage({ text: 'hi' });
  const run = await agent.run(0);
  run.emit({ type: 'start' }, ...text('a', 'Hel', 'lo'));
  await view.until(() => view.text === 'Hello');
  expect(view.chat.status).toBe('streaming');
  expect(session.streams.size).toBe(1);
  run.emit({ type: 'finish' });
  run.end();
  await sent;
  expect(session.streams.size).toBe(0);
  expect(view.chat.status).toBe('ready');
  expect(view.finishes).toEqual([{ isAbort: false, isDisconnect: false, isError: false }]);
  expect(view.chat.messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
});

test('a drop in mid-stream goes on at the exact position, with the same text (HF-POS-1)', async () => {
  const { agent, transport, wire } = await setUp();
  const view = observe({ id: freshId(), transport });
  const sent = view.chat.sendMessage({ text: 'hi' });
  const run = await agent.run(0);
  run.emit({ type: 'start' }, { type: 'text-start', id: 'a' });
  run.emit({ type: 'text-delta', id: 'a', delta: 'one ' });
  await view.until(() => view.text === 'one ');
  wire.cut();
  run.emit({ type: 'text-delta', id: 'a', delta: 'two ' });
  await view.until(() => view.text === 'one two ');
  run.emit({ type: 'text-delta', id: 'a', delta: 'three' }, { type: 'text-end', id: 'a' });
  run.end();
  await sent;
  expect(view.text).toBe('one two three');
  expect(view.errors).toEqual([]);
});

test('another tab joins with the whole message, and both see the end', async () => {
  const { agent, transport, make } = await setUp();
  const id = freshId();
  const first = observe({ id, transport });
  const sent = first.chat.sendMessage({ text: 'hi' });
  const run = await agent.run(0);
  run.emit({ type: 'start' }, { type: 'text-start', id: 'a' });
  run.emit({ type: 'text-delta', id: 'a', delta: 'one ' });
  await first.until(() => first.text === 'one ');
  const second = observe({ id, transport: make(), messages: first.chat.messages.slice(0, 1) });
  const resumed = second.chat.resumeStream();
  await second.until(() => second.text === 'one ');
  run.emit({ type: 'text-delta', id: 'a', delta: 'two' }, { type: 'text-end', id: 'a' });
  run.end();
  await Promise.all([sent, resumed]);
  expect(second.chat.messages).toEqual(first.chat.messages);
  expect(second.finishes).toHaveLength(1);
});

test('there is nothing to resume without a live run', async () => {
  const { transport } = await setUp();
  const view = observe({ id: freshId(), transport });
  await view.chat.resumeStream();
  expect(view.chat.status).toBe('ready');
  expect(view.finishes).toEqual([]);
});

test('stop in one tab stops the run for all, and no tab takes it for an error (HF-FRM-4)', async () => {
  const { agent, transport, make } = await setUp();
  const id = freshId();
  const first = observe({ id, transport });
  void first.chat.sendMessage({ text: 'hi' });
  const run = await agent.run(0);
  run.emit({ type: 'start' }, { type: 'text-start', id: 'a' });
  run.emit({ type: 'text-delta', id: 'a', delta: 'one ' });
  await first.until(() => first.text === 'one ');
  const second = observe({ id, transport: make(), messages: first.chat.messages.slice(0, 1) });
  const resumed = second.chat.resumeStream();
  await second.until(() => second.text === 'one ');
  await first.chat.stop();
  expect(first.chat.status).toBe('ready');
  await resumed;
  expect(run.context.signal.aborted).toBe(true);
  expect(second.finishes).toEqual([{ isAbort: true, isDisconnect: false, isError: false }]);
  expect(second.errors).toEqual([]);
});

test('stop of a resumed stream stops the run', async () => {
  const { agent, transport, make } = await setUp();
  const id = freshId();
  const first = observe({ id, transport });
  const sent = first.chat.sendMessage({ text: 'hi' });
  const run = await agent.run(0);
  run.emit({ type: 'start' }, ...text('a', 'one'));
  await first.until(() => first.text === 'one');
  const second = observe({ id, transport: make() });
  void second.chat.resumeStream();
  await second.until(() => second.text === 'one');
  await second.chat.stop();
  await sent;
  expect(run.context.signal.aborted).toBe(true);
  expect(first.finishes).toEqual([{ isAbort: true, isDisconnect: false, isError: false }]);
});

test('a stop is one though a component has just left, and the leave of the one that shows the stream is none', async () => {
  const { agent, transport } = await setUp();
  for (const [at, isLeave] of [false, true].entries()) {
    const view = observe({ id: freshId(), transport });
    const release = transport.hold(view.chat.id);
    if (!isLeave) release();
    void view.chat.sendMessage({ text: 'hi' });
    const run = await agent.run(at);
    run.emit({ type: 'start' }, ...text('a', 'one'));
    await view.until(() => view.text === 'one');
    // As the SDK does when its component goes.
    if (isLeave) release();
    await view.chat.stop();
    if (!isLeave) await vi.waitFor(() => expect(run.context.signal.aborted).toBe(true));
    else expect(await transport.cancel(view.chat.id)).toBe('stopping');
  }
});

test('with onAbort detach, stop only stops watching', async () => {
  const { agent, transport } = await setUp({ onAbort: 'detach' });
  const view = observe({ id: freshId(), transport });
  void view.chat.sendMessage({ text: 'hi' });
  const run = await agent.run(0);
  run.emit({ type: 'start' }, ...text('a', 'one'));
  await view.until(() => view.text === 'one');
  await view.chat.stop();
  expect(transport.session(view.chat.id).runs[0]?.state).toBe('running');
  expect(await transport.cancel(view.chat.id)).toBe('stopping');
  await vi.waitFor(() => expect(run.context.signal.aborted).toBe(true));
});

test('with onAbort detach, stop does not wait for the answer to a send, which is sent all the same', async () => {
  const gate = gatedFetch();
  const { agent, transport } = await setUp({ onAbort: 'detach', fetch: gate.fetch });
  const view = observe({ id: freshId(), transport });
  const sent = view.chat.sendMessage({ text: 'hi' });
  const request = await gate.next();
  await view.chat.stop();
  await sent;
  expect(view.finishes).toEqual([{ isAbort: true, isDisconnect: false, isError: false }]);
  request.pass();
  const run = await agent.run(0);
  expect(run.context.signal.aborted).toBe(false);
  run.end();
});

test('messages that are sent in a row are no edits: a request names nothing of the list', async () => {
  const gate = gatedFetch();
  const { agent, transport } = await setUp({ fetch: gate.fetch });
  const view = observe({ id: freshId(), transport });
  const reply = async (at: number) => {
    const run = await agent.run(at);
    run.emit({ type: 'start' }, ...text('a', `reply ${at}`), { type: 'finish' });
    run.end();
  };
  const first = view.chat.sendMessage({ text: 'one' });
  (await gate.next()).pass();
  await Promise.all([first, reply(0)]);
  const both = ['two', 'three'].map((words) => view.chat.sendMessage({ text: words }));
  for (const at of [1, 2]) {
    const request = await gate.next();
    expect(Object.keys(request.body).sort()).toEqual(['command', 'id', 'message', 'trigger']);
    request.pass();
    await reply(at);
  }
  await Promise.all(both);
  expect(view.chat.messages).toHaveLength(6);
});

test('a chat id that no session can have is refused in words, and nothing is sent', async () => {
  const asked: unknown[] = [];
  const { transport } = await setUp({
    fetch: async (input) => {
      asked.push(input);
      throw new TypeError('not here');
    },
  });
  for (const id of ['', 'a b', 'ü', 'x'.repeat(129)]) {
    const view = observe({ id, transport });
    await view.chat.sendMessage({ text: 'hi' });
    expect(view.errors).toMatchObject([
      {
        code: 'bad_request',
        message: 'unable to use the chat id: it must match [A-Za-z0-9_-]{1,128}',
      },
    ]);
    await expect(transport.cancel(id)).rejects.toMatchObject({ code: 'bad_request' });
  }
  expect(asked).toEqual([]);
});

test('an agent that fails gives its error and keeps what it wrote', async () => {
  const { agent, transport } = await setUp();
  const view = observe({ id: freshId(), transport });
  const sent = view.chat.sendMessage({ text: 'hi' });
  const run = await agent.run(0);
  run.emit({ type: 'start' }, ...text('a', 'one'));
  run.fail(new Error('secret'));
  await sent;
  expect(view.text).toBe('one');
  expect(view.errors.map(({ message }) => message)).toEqual(['An error occurred.']);
  expect(view.finishes).toEqual([{ isAbort: false, isDisconnect: false, isError: true }]);
});

test('a retry after a run that failed gets a run of its own, and the message stays one', async () => {
  const { agent, transport } = await setUp();
  const view = observe({ id: freshId(), transport });
  const sent = view.chat.sendMessage({ text: 'hi' });
  (await agent.run(0)).fail(new Error('no'));
  await sent;
  expect(view.chat.status).toBe('error');
  view.chat.messages = view.chat.messages.slice(0, 1);
  const retried = view.chat.sendMessage();
  const run = await agent.run(1);
  run.emit({ type: 'start' }, ...text('a', 'one'));
  run.end();
  await retried;
  expect(view.text).toBe('one');
  const { messages } = await transport.snapshot(view.chat.id);
  expect(messages.filter(({ role }) => role === 'user')).toHaveLength(1);
});

test('regenerate and edit replace the reply', async () => {
  const { agent, transport } = await setUp();
  const view = observe({ id: freshId(), transport });
  const reply = async (at: number, words: string) => {
    const run = await agent.run(at);
    run.emit({ type: 'start' }, ...text('a', words), { type: 'finish' });
    run.end();
  };
  await Promise.all([view.chat.sendMessage({ text: 'hi' }), reply(0, 'one')]);
  await Promise.all([view.chat.regenerate(), reply(1, 'two')]);
  expect(view.text).toBe('two');
  const edited = view.chat.messages[0]?.id ?? '';
  await Promise.all([view.chat.sendMessage({ text: 'ho', messageId: edited }), reply(2, 'three')]);
  expect(view.text).toBe('three');
  const stored = await transport.snapshot(view.chat.id);
  expect(stored.messages).toEqual(JSON.parse(JSON.stringify(view.chat.messages)));
  await Promise.all([view.chat.sendMessage(), reply(3, 'four')]).catch(() => {});
});

test('headers, body, metadata, trigger and messages arrive at the agent', async () => {
  const { agent, transport } = await setUp({
    headers: { 'X-Both': 'transport', 'X-One': '1' },
    body: () => ({ both: 'transport', one: 1 }),
  });
  const view = observe({ id: freshId(), transport });
  const sent = view.chat.sendMessage(
    { text: 'hi' },
    { headers: { 'x-both': 'call' }, body: { both: 'call' }, metadata: { of: 'call' } },
  );
  const { context, ...run } = await agent.run(0).then((gated) => ({
    context: gated.context,
    end: () => gated.end(),
  }));
  expect(context.headers.get('x-both')).toBe('call');
  expect(context.headers.get('x-one')).toBe('1');
  expect(context.body).toEqual({ both: 'call', one: 1 });
  expect(context.metadata).toEqual({ of: 'call' });
  expect(context.trigger).toBe('submit-message');
  expect(context.messages).toMatchObject([{ role: 'user', parts: [{ text: 'hi' }] }]);
  run.end();
  await sent;
});
