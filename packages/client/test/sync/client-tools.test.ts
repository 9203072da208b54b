import type { ClientToolCall } from '@holdfast/client/sync';
import type { UIMessageChunk } from 'ai';
import { expect, test, vi } from 'vitest';
import {
  answersOf,
  askedFor,
  auto,
  call,
  goesOn,
  outputs,
  stateOf,
} from '../support/asked-tool.ts';
import { gatedFetch } from '../support/gate.ts';
import { all, openRoom } from '../support/room.ts';

/** A tool that waits to be told what to give. */
function gatedTool() {
  const calls: { input: unknown; signal: AbortSignal; give(output: unknown): void }[] = [];
  const ask = (input: unknown, { signal }: ClientToolCall): Promise<unknown> =>
    new Promise((give) => {
      calls.push({ input, signal, give });
    });
  return { calls, ask };
}

test('a client tool is executed in one of the tabs that have it, and the reply goes on in all', async () => {
  const room = await openRoom();
  const tool = gatedTool();
  const tabs = [1, 2, 3].map(() => room.join(auto, {}, { tools: { ask: tool.ask } }));
  const [a] = tabs;
  if (!a) throw new Error('no tab');
  await askedFor(room, a, call);
  await vi.waitFor(() => expect(tool.calls).toHaveLength(1));
  expect(tool.calls[0]?.input).toEqual({ q: 1 });
  for (const tab of tabs) expect(stateOf(tab)).toBe('input-available');
  tool.calls[0]?.give('here');
  await goesOn(room, 1);
  await all([...tabs, room.join()], ['user: hi', 'assistant: after']);
  expect(answersOf(a)).toEqual(['here']);
  expect(tool.calls).toHaveLength(1);
  expect(room.agent.started).toBe(2);
});

test('a call that is typed before it is made is executed once, with its whole input', async () => {
  const room = await openRoom();
  const tool = gatedTool();
  const tab = room.join(auto, {}, { tools: { ask: tool.ask } });
  const { toolCallId, toolName } = call;
  const typed: UIMessageChunk[] = [
    { type: 'tool-input-start', toolCallId, toolName },
    { type: 'tool-input-delta', toolCallId, inputTextDelta: '{"q":1}' },
  ];
  await askedFor(room, tab, ...typed, call);
  await vi.waitFor(() => expect(tool.calls).toHaveLength(1));
  expect(tool.calls[0]?.input).toEqual({ q: 1 });
  tool.calls[0]?.give('here');
  await goesOn(room, 1);
  await all([tab, room.join()], ['user: hi', 'assistant: after']);
  expect(tool.calls).toHaveLength(1);
});

test('a call for which no claim could be had is executed when the server is back', async () => {
  const room = await openRoom();
  const tool = gatedTool();
  const errors: unknown[] = [];
  let isAway = true;
  const route: typeof fetch = (input, init) =>
    isAway && String(input).endsWith('/claim')
      ? Promise.resolve(new Response('Bad gateway', { status: 502 }))
      : fetch(input, init);
  const onError = (error: unknown) => errors.push(error);
  const tab = room.join(auto, { fetch: route, onError }, { tools: { ask: tool.ask } });
  await askedFor(room, tab, call);
  await vi.waitFor(() => expect(errors).not.toEqual([]), { timeout: 20_000 });
  expect(tool.calls).toHaveLength(0);
  isAway = false;
  // As after a deployment: the page has another connection, and is told of nothing new.
  tab.goOffline()();
  await vi.waitFor(() => expect(tool.calls).toHaveLength(1), { timeout: 20_000 });
  tool.calls[0]?.give('here');
  await goesOn(room, 1);
  await all([tab, room.join()], ['user: hi', 'assistant: after']);
  expect(tool.calls).toHaveLength(1);
});

test('what a client tool throws is the call’s error', async () => {
  const room = await openRoom();
  const ask = () => Promise.reject(new Error('no signal'));
  const tab = room.join(auto, {}, { tools: { ask } });
  await askedFor(room, tab, call);
  await goesOn(room, 1);
  await all([tab, room.join()], ['user: hi', 'assistant: after']);
  expect(tab.chat.lastMessage?.parts).toContainEqual(
    expect.objectContaining({ state: 'output-error', errorText: 'no signal' }),
  );
});

test('a call that nobody executed is executed by the next page that opens', async () => {
  const room = await openRoom();
  const tool = gatedTool();
  const a = room.join(auto);
  await askedFor(room, a, call);
  a.transport.close();
  const b = room.join(auto, {}, { tools: { ask: tool.ask } });
  await vi.waitFor(() => expect(tool.calls).toHaveLength(1));
  tool.calls[0]?.give('later');
  await goesOn(room, 1);
  await all([b], ['user: hi', 'assistant: after']);
});

test('a call passes on when the tab that executes it dies, and its late answer does not count', async () => {
  const room = await openRoom({ limits: { claimMs: 300 } });
  const [first, other] = [gatedTool(), gatedTool()];
  const a = room.join(auto, {}, { tools: { ask: first.ask } });
  await askedFor(room, a, call);
  await vi.waitFor(() => expect(first.calls).toHaveLength(1));
  const b = room.join(auto, {}, { tools: { ask: other.ask } });
  await vi.waitFor(() => expect(b.lines).toHaveLength(2));
  a.transport.close();
  await vi.waitFor(() => expect(other.calls).toHaveLength(1), { timeout: 20_000 });
  other.calls[0]?.give('of b');
  first.calls[0]?.give('of a');
  await goesOn(room, 1);
  await all([b, room.join()], ['user: hi', 'assistant: after']);
  expect(answersOf(b)).toEqual(['of b']);
});

test('a call that a chat leaves before it began is given up at once', async () => {
  const room = await openRoom();
  const tool = gatedTool();
  const a = room.join(auto);
  await askedFor(room, a, call);
  const gate = gatedFetch();
  const leaving = room.join(auto, { fetch: gate.fetch }, { tools: { ask: tool.ask } });
  const claim = await gate.next();
  expect(claim.url).toContain('/claim');
  leaving.sync.stop();
  claim.pass();
  const release = await gate.next();
  expect(release.body.release).toBe(true);
  release.pass();
  expect(tool.calls).toHaveLength(0);
  const b = room.join(auto, {}, { tools: { ask: tool.ask } });
  await vi.waitFor(() => expect(tool.calls).toHaveLength(1));
  tool.calls[0]?.give('of b');
  await goesOn(room, 1);
  await all([b], ['user: hi', 'assistant: after']);
});

test('a tool hears that its call is over', async () => {
  const room = await openRoom();
  const tool = gatedTool();
  const [a, b] = [room.join(auto, {}, { tools: { ask: tool.ask } }), room.join(auto)];
  await askedFor(room, a, call);
  await vi.waitFor(() => expect(tool.calls).toHaveLength(1));
  await vi.waitFor(() => expect(stateOf(b)).toBe('input-available'));
  await outputs(b, 'c1', 'by hand');
  await vi.waitFor(() => expect(tool.calls[0]?.signal.aborted).toBe(true));
  tool.calls[0]?.give('too late');
  await goesOn(room, 1);
  await all([a, b, room.join()], ['user: hi', 'assistant: after']);
  expect(answersOf(a)).toEqual(['by hand']);
});

test('a tool hears that its message was cut off', async () => {
  const room = await openRoom();
  const tool = gatedTool();
  const [a, b] = [room.join({}, {}, { tools: { ask: tool.ask } }), room.join()];
  await askedFor(room, a, call);
  await vi.waitFor(() => expect(tool.calls).toHaveLength(1));
  await vi.waitFor(() => expect(stateOf(b)).toBe('input-available'));
  const messageId = b.chat.messages[0]?.id ?? '';
  await Promise.all([b.chat.sendMessage({ text: 'instead', messageId }), goesOn(room, 1)]);
  await vi.waitFor(() => expect(tool.calls[0]?.signal.aborted).toBe(true));
});

test('a call whose answer was refused is not kept by a renewal that was under way', async () => {
  const room = await openRoom({ limits: { claimMs: 300 } });
  const [first, other] = [gatedTool(), gatedTool()];
  const asking = room.join();
  await askedFor(room, asking, call);
  const gate = gatedFetch();
  room.join({}, { fetch: gate.fetch, onError: () => {} }, { tools: { ask: first.ask } });
  (await gate.next()).pass();
  await vi.waitFor(() => expect(first.calls).toHaveLength(1));
  const renewal = await gate.next();
  expect(renewal.url).toContain('/claim');
  first.calls[0]?.give('too much');
  const answer = await gate.next();
  expect(answer.url).toContain('/answer');
  answer.refuse(413, 'too_large');
  renewal.pass();
  const further = async () => {
    for (;;) (await gate.next()).pass();
  };
  void further();
  room.join({}, {}, { tools: { ask: other.ask } });
  await vi.waitFor(() => expect(other.calls).toHaveLength(1));
});
