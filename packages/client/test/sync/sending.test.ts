import { syncChat } from '@holdfast/client/sync';
import type { UIMessage } from 'ai';
import { expect, onTestFinished, test, vi } from 'vitest';
import { gatedFetch } from '../support/gate.ts';
import { refusedTab } from '../support/offline-tab.ts';
import { all, answer, openRoom, type Tab, turn } from '../support/room.ts';
import { text } from '../support/server.ts';

const greeting: UIMessage = {
  id: 'greeting',
  role: 'assistant',
  parts: [{ type: 'text', text: 'welcome' }],
};

/** Every list that the chat shows from now on, as `role: text`. */
function record(tab: Tab): string[][] {
  const seen: string[][] = [];
  tab.chat['~registerMessagesCallback'](() => seen.push([...tab.lines]));
  return seen;
}

const synced = (...tabs: readonly Tab[]) =>
  vi.waitFor(() => {
    for (const tab of tabs) expect(tab.sync.getSnapshot().isSynced).toBe(true);
  });

test('a message on its way stays at the end while others land in front of it, and comes once', async () => {
  const room = await openRoom();
  const gate = gatedFetch();
  const other = room.join();
  const tab = room.join({}, { fetch: gate.fetch });
  await synced(tab);
  const sent = tab.chat.sendMessage({ text: 'mine' });
  const request = await gate.next();
  await turn(room, other, 'theirs', 'reply');
  await vi.waitFor(() =>
    expect(tab.lines).toEqual(['user: theirs', 'assistant: reply', 'user: mine']),
  );
  const seen = record(tab);
  request.pass();
  await answer(room, 1, 'for you');
  await sent;
  await all([tab, other], ['user: theirs', 'assistant: reply', 'user: mine', 'assistant: for you']);
  for (const lines of seen) expect(lines.filter((line) => line === 'user: mine')).toHaveLength(1);
});

test('the words of a send that failed stay, also in a chat that is followed anew', async () => {
  const room = await openRoom();
  const gate = gatedFetch();
  const other = room.join();
  const tab = room.join({}, { fetch: gate.fetch });
  await synced(tab);
  const sent = tab.chat.sendMessage({ text: 'mine' });
  (await gate.next()).refuse(403, 'forbidden');
  await sent;
  expect(tab.errors).toMatchObject([{ code: 'forbidden' }]);
  await turn(room, other, 'theirs', 'reply');
  const lines = ['user: theirs', 'assistant: reply', 'user: mine'];
  await vi.waitFor(() => expect(tab.lines).toEqual(lines));
  tab.sync.stop();
  const again = syncChat(tab.chat, tab.transport);
  onTestFinished(() => again.stop());
  await vi.waitFor(() => expect(again.getSnapshot().isSynced).toBe(true));
  expect(tab.lines).toEqual(lines);

  const retried = tab.chat.sendMessage();
  (await gate.next()).pass();
  await answer(room, 1, 'for you');
  await retried;
  await all([tab, other], [...lines, 'assistant: for you']);
});

test('words whose send failed are gone when the app takes them away', async () => {
  const room = await openRoom();
  const gate = gatedFetch();
  const other = room.join();
  const tab = room.join({}, { fetch: gate.fetch });
  await synced(tab);
  const sent = tab.chat.sendMessage({ text: 'mine' });
  (await gate.next()).refuse(400, 'bad_request');
  await sent;
  tab.chat.messages = [];
  await turn(room, other, 'theirs', 'reply');
  await vi.waitFor(() => expect(tab.lines).toEqual(['user: theirs', 'assistant: reply']));
});

test('an edit shows nothing of what it cuts off while it is on its way, and says what it has seen', async () => {
  const room = await openRoom();
  const gate = gatedFetch();
  const other = room.join();
  await turn(room, other, 'hi', 'one');
  const tab = room.join({}, { fetch: gate.fetch });
  await synced(tab);
  const messageId = tab.chat.messages[0]?.id ?? '';
  const seen = record(tab);
  const edited = tab.chat.sendMessage({ text: 'ho', messageId });
  const request = await gate.next();
  expect(request.body.base).toBe(tab.transport.session(room.id).position);
  expect(request.body.after).toBeNull();
  request.pass();
  await answer(room, 1, 'two');
  await edited;
  await all([tab, other], ['user: ho', 'assistant: two']);
  for (const lines of seen.slice(1)) {
    expect(lines).not.toContain('assistant: one');
    expect(lines).not.toContain('user: hi');
  }
});

test('an edit that came too late is an error, and what is there is shown (HF-HTTP-18)', async () => {
  const room = await openRoom();
  const gate = gatedFetch();
  const other = room.join();
  await turn(room, other, 'hi', 'one');
  const tab = room.join({}, { fetch: gate.fetch });
  await synced(tab);
  const messageId = tab.chat.messages[0]?.id ?? '';
  const edited = tab.chat.sendMessage({ text: 'ho', messageId });
  const request = await gate.next();
  await turn(room, other, 'and', 'two');
  expect(tab.lines).toEqual(['user: ho']);
  request.pass();
  await edited;
  expect(tab.errors).toMatchObject([{ code: 'conflict' }]);
  await all([tab, other], ['user: hi', 'assistant: one', 'user: and', 'assistant: two']);
});

test('an edit of what another one has cut off meanwhile fails, and its words go', async () => {
  const room = await openRoom();
  const gate = gatedFetch();
  const other = room.join();
  await turn(room, other, 'hi', 'one');
  await turn(room, other, 'and', 'two');
  const tab = room.join({}, { fetch: gate.fetch });
  await synced(tab);
  const edited = tab.chat.sendMessage({ text: 'or', messageId: tab.chat.messages[2]?.id ?? '' });
  const request = await gate.next();
  const first = other.chat.messages[0]?.id ?? '';
  await Promise.all([
    other.chat.sendMessage({ text: 'ho', messageId: first }),
    answer(room, 2, 'three'),
  ]);
  await vi.waitFor(() => expect(tab.lines.slice(0, 2)).toEqual(['user: ho', 'assistant: three']));
  request.pass();
  await edited;
  expect(tab.errors).toMatchObject([{ code: 'conflict' }]);
  await all([tab, other], ['user: ho', 'assistant: three']);
});

test('behind a send that is not answered yet an edit names no position: it means that send too', async () => {
  const room = await openRoom();
  const gate = gatedFetch();
  const tab = room.join({}, { fetch: gate.fetch });
  await synced(tab);
  const sent = tab.chat.sendMessage({ text: 'hi' });
  const first = await gate.next();
  const messageId = tab.chat.messages[0]?.id ?? '';
  const edited = tab.chat.sendMessage({ text: 'ho', messageId });
  first.pass();
  const second = await gate.next();
  expect(second.body).not.toHaveProperty('base');
  (await room.agent.run(0)).emit({ type: 'start' }, ...text('t', 'one'));
  second.pass();
  await answer(room, 1, 'two');
  await Promise.all([sent, edited]);
  await all([tab], ['user: ho', 'assistant: two']);
});

test('beside a message that was refused, an edit names what it has seen (HF-HTTP-18)', async () => {
  const room = await openRoom();
  const other = room.join();
  await turn(room, other, 'hi', 'hello');
  const { tab, refused } = await refusedTab(room);
  await vi.waitFor(() => expect(tab.lines).toEqual(['user: hi', 'assistant: hello', 'user: one']));
  const { position } = tab.transport.session(room.id);
  await tab.chat.sendMessage({ text: 'ho', messageId: tab.chat.messages[0]?.id ?? '' });
  expect(refused.at(-1)).toMatchObject({ after: null, base: position });
});

test('beside a message that was refused, a run that another tab asked for streams through the chat', async () => {
  const room = await openRoom();
  const { tab } = await refusedTab(room);
  const other = room.join();
  const asked = other.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  run.emit({ type: 'start' }, ...text('t', 'hello'));
  await vi.waitFor(() => expect(tab.lines).toEqual(['user: hi', 'assistant: hello', 'user: one']));
  await vi.waitFor(() => expect(tab.chat.status).toBe('streaming'));
  run.end();
  await asked;
  await vi.waitFor(() => expect(tab.chat.status).toBe('ready'));
  expect(tab.finishes).toHaveLength(1);
});

test('an edit of the first message of a page keeps what is older, and waits for no snapshot', async () => {
  const room = await openRoom({ limits: { pageMessages: 2 } });
  const other = room.join();
  for (const at of [1, 2, 3]) await turn(room, other, `ask ${at}`, `reply ${at}`);
  const tab = room.join();
  await vi.waitFor(() => expect(tab.lines).toEqual(['user: ask 3', 'assistant: reply 3']));
  const messageId = tab.chat.messages[0]?.id ?? '';
  const edited = tab.chat.sendMessage({ text: 'other', messageId });
  await answer(room, 3, 'new');
  await edited;
  await vi.waitFor(() => expect(tab.lines).toEqual(['user: other', 'assistant: new']));
  expect(tab.sync.getSnapshot().hasOlder).toBe(true);
  expect(await tab.sync.loadOlder(10)).toBe(false);
  const before = [1, 2].flatMap((at) => [`user: ask ${at}`, `assistant: reply ${at}`]);
  await all([tab, other], [...before, 'user: other', 'assistant: new']);
});

test('an edit right behind a greeting that the session does not know begins the session anew', async () => {
  const room = await openRoom();
  const other = room.join();
  const tab = room.join({ messages: [greeting] });
  await synced(tab);
  await turn(room, tab, 'hi', 'one');
  const messageId = tab.chat.messages[1]?.id ?? '';
  const edited = tab.chat.sendMessage({ text: 'ho', messageId });
  await answer(room, 1, 'two');
  await edited;
  await all([other], ['user: ho', 'assistant: two']);
  await vi.waitFor(() =>
    expect(tab.lines).toEqual(['assistant: welcome', 'user: ho', 'assistant: two']),
  );
});

test('an edit in a page that was not told of the session yet cuts off nothing of others', async () => {
  const room = await openRoom();
  const other = room.join();
  await turn(room, other, 'hi', 'one');
  const tab = room.join();
  const sent = tab.chat.sendMessage({ text: 'mine' });
  await tab.until(() => tab.lines.length > 0);
  expect(tab.lines).toEqual(['user: mine']);
  const messageId = tab.chat.messages[0]?.id ?? '';
  const edited = tab.chat.sendMessage({ text: 'mine too', messageId });
  // Where the send was refused nobody asks for the second.
  void answer(room, 1, 'two');
  void answer(room, 2, 'three');
  await Promise.all([sent, edited]);
  // The other one may show the first answer for a moment.
  await vi.waitFor(() => expect(other.lines).toEqual(tab.lines));
  expect(other.lines.slice(0, 2)).toEqual(['user: hi', 'assistant: one']);
  await all([tab, other], tab.lines);
});

test('a local stop shows what the log has, and does not attach to the run again', async () => {
  const room = await openRoom();
  const tab = room.join({}, { onAbort: 'detach' });
  const other = room.join();
  void tab.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  run.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  run.emit({ type: 'text-delta', id: 't', delta: 'one ' });
  await tab.until(() => tab.text === 'one ');
  const resume = vi.spyOn(tab.transport, 'reconnectToStream');
  await tab.chat.stop();
  run.emit({ type: 'text-delta', id: 't', delta: 'two' }, { type: 'text-end', id: 't' });
  await vi.waitFor(() => expect(tab.text).toBe('one two'));
  expect(tab.chat.status).toBe('ready');
  run.end();
  await all([tab, other], ['user: hi', 'assistant: one two']);
  expect(resume).not.toHaveBeenCalled();
});
