import {
  lastAssistantMessageIsCompleteWithToolCalls,
  type UIMessage,
  type UIMessageChunk,
} from 'ai';
import { expect, test, vi } from 'vitest';
import { gatedFetch } from '../support/gate.ts';
import { all, openRoom, plain, type Room, type Tab } from '../support/room.ts';
import { text } from '../support/server.ts';

const call: UIMessageChunk = {
  type: 'tool-input-available',
  toolCallId: 'c1',
  toolName: 'ask',
  input: { q: 1 },
};

const auto = { sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls };

const stateOf = (tab: Tab): unknown => {
  const part = tab.chat.lastMessage?.parts.find(({ type }) => type === 'tool-ask');
  return (part as { readonly state?: string } | undefined)?.state;
};

/** A reply that ends with a call which clients are to answer. */
async function asked(room: Room, tab: Tab): Promise<void> {
  const sent = tab.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(room.agent.started);
  run.emit({ type: 'start' }, { type: 'start-step' }, ...text('t', 'before '), call);
  run.emit({ type: 'finish-step' }, { type: 'finish' });
  run.end();
  await sent;
}

const outputs = (tab: Tab, tool = 'c1', output: unknown = 'yes') =>
  tab.chat.addToolOutput({ tool: 'ask', toolCallId: tool, output: output as never });

test('a tool’s output of one tab shows in the other, and the same reply goes on in both', async () => {
  const room = await openRoom();
  const [a, b] = [room.join(auto), room.join(auto)];
  await asked(room, a);
  await vi.waitFor(() => expect(stateOf(b)).toBe('input-available'));
  await outputs(b);
  const run = await room.agent.run(1);
  await vi.waitFor(() => expect(stateOf(a)).toBe('output-available'));
  run.emit({ type: 'start' }, { type: 'start-step' }, ...text('u', 'after'));
  await vi.waitFor(() => {
    for (const tab of [a, b]) expect(tab.lines).toEqual(['user: hi', 'assistant: before after']);
  });
  expect(a.chat.status).toBe('streaming');
  run.emit({ type: 'finish-step' }, { type: 'finish' });
  run.end();
  await all([a, b, room.join()], ['user: hi', 'assistant: before after']);
  expect(room.agent.started).toBe(2);
});

test('of two outputs at once the first one stands, in every tab, and one run goes on', async () => {
  const room = await openRoom();
  const [a, b] = [room.join(auto), room.join(auto)];
  await asked(room, a);
  await vi.waitFor(() => expect(stateOf(b)).toBe('input-available'));
  await Promise.all([outputs(a, 'c1', 'of a'), outputs(b, 'c1', 'of b')]);
  const run = await room.agent.run(1);
  run.emit({ type: 'start' }, { type: 'start-step' }, ...text('u', 'after'));
  run.emit({ type: 'finish-step' }, { type: 'finish' });
  run.end();
  await all([a, b, room.join()], ['user: hi', 'assistant: before after']);
  expect(room.agent.started).toBe(2);
});

test('an output that is not sent yet stays, whatever else comes', async () => {
  const room = await openRoom();
  const gate = gatedFetch();
  const other = room.join();
  const tab = room.join(auto, { fetch: gate.fetch });
  await asked(room, other);
  await vi.waitFor(() => expect(stateOf(tab)).toBe('input-available'));
  await vi.waitFor(() => expect(tab.chat.status).toBe('ready'));
  await outputs(tab);
  const request = await gate.next();
  expect(request.body.answers).toHaveLength(1);
  // The session is read anew: the log has no answer yet.
  tab.transport.session(room.id).startOver();
  await vi.waitFor(() => expect(tab.sync.getSnapshot().isSynced).toBe(false));
  await vi.waitFor(() => expect(tab.sync.getSnapshot().isSynced).toBe(true));
  expect(stateOf(tab)).toBe('output-available');
  request.pass();
  const run = await room.agent.run(1);
  run.emit({ type: 'start' }, { type: 'start-step' }, ...text('u', 'after'));
  run.emit({ type: 'finish-step' }, { type: 'finish' });
  run.end();
  await all([tab, other], ['user: hi', 'assistant: before after']);
});

test('a call that is settled is not made again in a tab that joins, or reads the session anew', async () => {
  const room = await openRoom();
  const calls: string[] = [];
  const onToolCall: NonNullable<Parameters<Room['join']>[0]>['onToolCall'] = ({ toolCall }) => {
    calls.push(toolCall.toolCallId);
  };
  const a = room.join(auto);
  await asked(room, a);
  await outputs(a);
  const run = await room.agent.run(1);
  run.emit({ type: 'start' }, { type: 'start-step' }, ...text('u', 'after'));
  const joined = room.join({ onToolCall });
  await vi.waitFor(() => expect(joined.text).toBe('before after'));
  expect(joined.chat.status).toBe('streaming');
  run.emit({ type: 'finish-step' }, { type: 'finish' });
  run.end();
  await all([a, joined], ['user: hi', 'assistant: before after']);
  expect(calls).toEqual([]);
  const server = (await a.transport.snapshot(room.id)).messages as UIMessage[];
  expect(plain(joined.chat.messages)).toEqual(plain(server));
});
