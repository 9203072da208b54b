import type { ClientToolCall } from '@holdfast/client/sync';
import {
  lastAssistantMessageIsCompleteWithApprovalResponses,
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

const second: UIMessageChunk = { ...call, toolCallId: 'c2' };

/** A reply that asks for more than one thing. */
async function askedFor(room: Room, tab: Tab, ...chunks: UIMessageChunk[]): Promise<void> {
  const sent = tab.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(room.agent.started);
  run.emit({ type: 'start' }, { type: 'start-step' }, ...chunks);
  run.emit({ type: 'finish-step' }, { type: 'finish' });
  run.end();
  await sent;
}

async function goesOn(room: Room, at: number, words = 'after'): Promise<void> {
  const run = await room.agent.run(at);
  run.emit({ type: 'start' }, { type: 'start-step' }, ...text('u', words));
  run.emit({ type: 'finish-step' }, { type: 'finish' });
  run.end();
}

const answersOf = (tab: Tab): unknown =>
  tab.chat.lastMessage?.parts.flatMap((part) => ('output' in part ? [part.output] : []));

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
