import {
  lastAssistantMessageIsCompleteWithApprovalResponses,
  lastAssistantMessageIsCompleteWithToolCalls,
  type UIMessage,
  type UIMessageChunk,
} from 'ai';
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
import { all, openRoom, plain, type Room, type Tab } from '../support/room.ts';
import { text } from '../support/server.ts';

/** A reply that ends with a call which clients are to answer. */
async function asked(room: Room, tab: Tab): Promise<void> {
  const sent = tab.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(room.agent.started);
  run.emit({ type: 'start' }, { type: 'start-step' }, ...text('t', 'before '), call);
  run.emit({ type: 'finish-step' }, { type: 'finish' });
  run.end();
  await sent;
}

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

const second: UIMessageChunk = { ...call, toolCallId: 'c2' };

test('calls that two devices answer, each its own, are completed by both, and one run goes on', async () => {
  const room = await openRoom();
  const [a, b] = [room.join(auto), room.join(auto)];
  await askedFor(room, a, call, second);
  await vi.waitFor(() => expect(stateOf(b)).toBe('input-available'));
  await Promise.all([outputs(a, 'c1', 'of a'), outputs(b, 'c2', 'of b')]);
  for (const tab of [a, b]) tab.sync.refresh();
  await goesOn(room, 1);
  await all([a, b, room.join()], ['user: hi', 'assistant: after']);
  expect(answersOf(a)).toEqual(['of a', 'of b']);
  expect(room.agent.started).toBe(2);
});

test('an answer that another has to complete is in the log though its tab is gone', async () => {
  const room = await openRoom();
  const [a, b] = [room.join(auto), room.join(auto)];
  await askedFor(room, a, call, second);
  await outputs(a, 'c1', 'of a');
  a.sync.refresh();
  await vi.waitFor(() => expect(stateOf(b)).toBe('output-available'));
  a.sync.stop();
  a.transport.close();
  await outputs(b, 'c2', 'of b');
  await goesOn(room, 1);
  await all([b, room.join()], ['user: hi', 'assistant: after']);
  expect(room.agent.started).toBe(2);
});

test('a chat that does not go on by itself is not made to', async () => {
  const room = await openRoom();
  const [a, b] = [room.join(), room.join()];
  await askedFor(room, a, call);
  await outputs(a);
  a.sync.refresh();
  await vi.waitFor(() => expect(stateOf(b)).toBe('output-available'));
  expect(room.agent.started).toBe(1);
  await Promise.all([a.chat.sendMessage(), goesOn(room, 1)]);
  await all([a, b], ['user: hi', 'assistant: after']);
});

const approval: UIMessageChunk = {
  type: 'tool-approval-request',
  approvalId: 'a1',
  toolCallId: 'c1',
};
const approving = { sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithApprovalResponses };

test('an approval that is asked for in one tab is given in another, once', async () => {
  const room = await openRoom();
  const [a, b] = [room.join(approving), room.join(approving)];
  await askedFor(room, a, call, approval);
  await vi.waitFor(() => expect(stateOf(b)).toBe('approval-requested'));
  await b.chat.addToolApprovalResponse({ id: 'a1', approved: false, reason: 'no' });
  const run = await room.agent.run(1);
  const asked = run.context.messages.at(-1)?.parts.at(-1);
  expect(asked).toMatchObject({ approval: { approved: false, reason: 'no' } });
  run.emit({ type: 'start' }, { type: 'tool-output-denied', toolCallId: 'c1' }, { type: 'finish' });
  run.end();
  for (const tab of [a, b, room.join()])
    await vi.waitFor(() => expect(stateOf(tab)).toBe('output-denied'));
  expect(room.agent.started).toBe(2);
});

test('approvals of two devices at once are completed by both, and one run goes on', async () => {
  const room = await openRoom();
  const [a, b] = [room.join(approving), room.join(approving)];
  await askedFor(room, a, call, approval, second, {
    ...approval,
    approvalId: 'a2',
    toolCallId: 'c2',
  });
  await vi.waitFor(() => expect(stateOf(b)).toBe('approval-requested'));
  await Promise.all([
    a.chat.addToolApprovalResponse({ id: 'a1', approved: true }),
    b.chat.addToolApprovalResponse({ id: 'a2', approved: true, reason: 'fine' }),
  ]);
  for (const tab of [a, b]) tab.sync.refresh();
  await goesOn(room, 1);
  await all([a, b, room.join()], ['user: hi', 'assistant: after']);
  expect(room.agent.started).toBe(2);
});

test('an answer that does not complete its message is posted by a synced chat alone', async () => {
  const room = await openRoom();
  const tab = room.join({ sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls });
  const sent = tab.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  const call = (toolCallId: string): UIMessageChunk => ({
    type: 'tool-input-available',
    toolCallId,
    toolName: 'ask',
    input: {},
  });
  run.emit({ type: 'start' }, { type: 'start-step' }, call('c1'), call('c2'));
  run.emit({ type: 'finish-step' }, { type: 'finish' });
  run.end();
  await sent;
  await vi.waitFor(() => expect(tab.sync.getSnapshot().isSynced).toBe(true));
  await tab.chat.addToolOutput({ tool: 'ask', toolCallId: 'c1', output: 'yes' as never });
  await vi.waitFor(async () => {
    const { messages } = await tab.transport.snapshot(room.id);
    expect(messages.at(-1)?.parts).toContainEqual(
      expect.objectContaining({ toolCallId: 'c1', output: 'yes' }),
    );
  });
  expect(room.agent.started).toBe(1);
});
