import { createChatTransport } from '@holdfast/client';
import { syncChat } from '@holdfast/client/sync';
import type { UIMessage } from 'ai';
import { expect, onTestFinished, test, vi } from 'vitest';
import { observe, textOf } from '../support/chat.ts';
import { all, answer, openRoom, turn } from '../support/room.ts';
import { text } from '../support/server.ts';
import { sockets } from '../support/sockets.ts';

const done = { isAbort: false, isDisconnect: false, isError: false };
const stopped = { ...done, isAbort: true };

test('a turn of one tab is seen live in the other, with status and onFinish', async () => {
  const room = await openRoom();
  const [a, b] = [room.join(), room.join()];
  const sent = a.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  run.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  run.emit({ type: 'text-delta', id: 't', delta: 'one ' });
  await b.until(() => b.text === 'one ');
  expect(b.chat.status).toBe('streaming');
  expect(b.lines).toEqual(['user: hi', 'assistant: one ']);
  run.emit({ type: 'text-delta', id: 't', delta: 'two' }, { type: 'text-end', id: 't' });
  run.end();
  await sent;
  await all([a, b], ['user: hi', 'assistant: one two']);
  expect(b.finishes).toEqual([done]);
  expect(a.finishes).toEqual([done]);
});

test('a tab that joins in mid-stream shows all of it and goes on', async () => {
  const room = await openRoom();
  const a = room.join();
  await turn(room, a, 'first', 'reply');
  const sent = a.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(1);
  run.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  run.emit({ type: 'text-delta', id: 't', delta: 'one ' });
  await a.until(() => a.text === 'one ');
  const b = room.join();
  await b.until(() => b.text === 'one ');
  expect(b.lines).toEqual(['user: first', 'assistant: reply', 'user: hi', 'assistant: one ']);
  expect(b.chat.status).toBe('streaming');
  run.emit({ type: 'text-delta', id: 't', delta: 'two' }, { type: 'text-end', id: 't' });
  run.end();
  await sent;
  await all([a, b], ['user: first', 'assistant: reply', 'user: hi', 'assistant: one two']);
});

test('a tab that joins an answer which goes on behind an error streams it, and is told of none', async () => {
  const room = await openRoom();
  const a = room.join();
  const asked = a.chat.sendMessage({ text: 'hi' });
  const broken = await room.agent.run(0);
  broken.emit({ type: 'start' }, ...text('t', 'one'));
  broken.fail(new Error('no'));
  await asked;
  const again = a.chat.sendMessage();
  const run = await room.agent.run(1);
  run.emit({ type: 'start' }, { type: 'text-start', id: 'u' });
  run.emit({ type: 'text-delta', id: 'u', delta: ' two' });
  const b = room.join();
  await vi.waitFor(() => expect(b.lines).toEqual(['user: hi', 'assistant: one two']));
  await vi.waitFor(() => expect(b.chat.status).toBe('streaming'));
  expect(b.errors).toEqual([]);
  run.emit({ type: 'text-end', id: 'u' });
  run.end();
  await again;
  await all([a, b], ['user: hi', 'assistant: one two']);
  expect(b.finishes).toEqual([done]);
});

test('stop in the tab that watches stops the run for the one that asked', async () => {
  const room = await openRoom();
  const [a, b] = [room.join(), room.join()];
  void a.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  run.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  run.emit({ type: 'text-delta', id: 't', delta: 'one' });
  await b.until(() => b.text === 'one');
  await b.chat.stop();
  await all([a, b], ['user: hi', 'assistant: one']);
  expect(run.context.signal.aborted).toBe(true);
  expect(a.finishes).toEqual([stopped]);
  expect(b.finishes).toEqual([stopped]);
  expect(a.errors).toEqual([]);
});

test('an edit in one tab shows in the other, and so does a regenerated reply', async () => {
  const room = await openRoom();
  const [a, b] = [room.join(), room.join()];
  await turn(room, a, 'hi', 'one');
  await turn(room, a, 'and', 'two');
  await all([a, b], ['user: hi', 'assistant: one', 'user: and', 'assistant: two']);
  const edited = a.chat.messages[2]?.id ?? '';
  const edit = a.chat.sendMessage({ text: 'or', messageId: edited });
  await answer(room, 2, 'three');
  await edit;
  await all([a, b], ['user: hi', 'assistant: one', 'user: or', 'assistant: three']);
  const again = b.chat.regenerate();
  await answer(room, 3, 'four');
  await again;
  await all([a, b], ['user: hi', 'assistant: one', 'user: or', 'assistant: four']);
});

test('of two edits at once one wins, the other is told, and both tabs show the same (HF-HTTP-18)', async () => {
  const room = await openRoom();
  const [a, b] = [room.join(), room.join()];
  await turn(room, a, 'hi', 'one');
  await all([a, b], ['user: hi', 'assistant: one']);
  const edited = a.chat.messages[0]?.id ?? '';
  const edits = [a, b].map((tab, at) =>
    tab.chat.sendMessage({ text: `edit ${at}`, messageId: edited }),
  );
  await answer(room, 1, 'two');
  await Promise.all(edits);
  const winner = a.errors.length === 0 ? 0 : 1;
  await all([a, b], [`user: edit ${winner}`, 'assistant: two']);
  expect([...a.errors, ...b.errors]).toMatchObject([{ code: 'conflict' }]);
  expect(room.agent.started).toBe(2);
});

test('a tab that was offline for a whole turn catches up', async () => {
  const room = await openRoom();
  const [a, b] = [room.join(), room.join()];
  await turn(room, a, 'hi', 'one');
  await all([a, b], ['user: hi', 'assistant: one']);
  const comeBack = b.goOffline();
  await turn(room, a, 'and', 'two');
  expect(b.lines).toHaveLength(2);
  comeBack();
  await all([a, b], ['user: hi', 'assistant: one', 'user: and', 'assistant: two']);
});

test('two runs at once are both live in both tabs', async () => {
  const room = await openRoom();
  const [a, b] = [room.join(), room.join()];
  const first = a.chat.sendMessage({ text: 'hi' });
  const one = await room.agent.run(0);
  one.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  one.emit({ type: 'text-delta', id: 't', delta: 'one' });
  await b.until(() => b.text === 'one');
  const second = b.chat.sendMessage({ text: 'ho' });
  const two = await room.agent.run(1);
  two.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  two.emit({ type: 'text-delta', id: 't', delta: 'two' });
  await vi.waitFor(() => {
    for (const tab of [a, b])
      expect(tab.lines).toEqual(['user: hi', 'assistant: one', 'user: ho', 'assistant: two']);
  });
  one.emit({ type: 'text-delta', id: 't', delta: '!' }, { type: 'text-end', id: 't' });
  two.emit({ type: 'text-delta', id: 't', delta: '?' }, { type: 'text-end', id: 't' });
  await vi.waitFor(() => {
    for (const tab of [a, b])
      expect(tab.lines).toEqual(['user: hi', 'assistant: one!', 'user: ho', 'assistant: two?']);
  });
  one.end();
  two.end();
  await Promise.all([first, second]);
  await all([a, b], ['user: hi', 'assistant: one!', 'user: ho', 'assistant: two?']);
});

test('a reply that goes on behind a stop is shown whole in the tab that stopped it', async () => {
  const room = await openRoom();
  const [a, b] = [room.join(), room.join()];
  void a.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  run.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  run.emit({ type: 'text-delta', id: 't', delta: 'one' });
  await b.until(() => b.text === 'one');
  run.emit(...text('u', ' two'));
  await a.chat.stop();
  await vi.waitFor(() => expect(a.sync.getSnapshot().runs.at(-1)?.state).toBe('stopped'));
  await all([a, b], b.lines);
});

test('a tab whose status is a render behind does not leave the run that it streams for another one', async () => {
  const room = await openRoom();
  const [a, c] = [room.join(), room.join()];
  const transport = createChatTransport<UIMessage>({
    api: room.api,
    WebSocket: sockets().WebSocket,
    environment: { random: () => 0 },
  });
  const b = observe({ id: room.id, transport });
  // As of a component that is not rendered anew all the while.
  const late = new Proxy(b.chat, {
    get: (chat, member) => (member === 'status' ? 'ready' : Reflect.get(chat, member, chat)),
  });
  const sync = syncChat(late, transport);
  onTestFinished(() => {
    sync.stop();
    transport.close();
  });
  const first = a.chat.sendMessage({ text: 'one' });
  const run = await room.agent.run(0);
  await vi.waitFor(() => expect(transport.session(room.id).streams.size).toBe(1));
  const second = c.chat.sendMessage({ text: 'two' });
  const other = await room.agent.run(1);
  other.emit({ type: 'start' }, ...text('u', 'beside'), { type: 'finish' });
  await vi.waitFor(() => expect(b.chat.messages.map(textOf)).toContain('beside'));
  other.end();
  await second;
  run.emit({ type: 'start' }, ...text('t', 'at last'), { type: 'finish' });
  run.end();
  await first;
  expect(a.finishes).toEqual([done]);
  const lines = ['user: one', 'assistant: at last', 'user: two', 'assistant: beside'];
  await all([a, c, room.join()], lines);
});
