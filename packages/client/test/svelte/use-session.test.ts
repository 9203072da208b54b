// @vitest-environment jsdom
import { Chat } from '@ai-sdk/svelte';
import { createChatTransport } from '@holdfast/client';
import { useSession as followSession } from '@holdfast/client/svelte';
import { expect, onTestFinished, test, vi } from 'vitest';
import { answer, lineOf, openRoom, turn } from '../support/room.ts';
import { sockets } from '../support/sockets.ts';

// `never`: the package pins an `ai` of its own, whose list of known parts is shorter by one.
function join(api: string, id: string) {
  const transport = createChatTransport({
    api,
    WebSocket: sockets().WebSocket,
    fetch: globalThis.fetch,
  });
  const chat = new Chat({ id, transport: transport as never });
  const session = followSession(chat, transport);
  const leave = session.follow();
  onTestFinished(() => {
    leave();
    transport.close();
  });
  const lines = () => chat.messages.map(lineOf);
  return { chat, session, leave, lines, transport };
}

test('a chat of @ai-sdk/svelte shows what another tab asks for, live, and who is there', async () => {
  const room = await openRoom();
  const other = room.join();
  const { chat, session, lines } = join(room.api, room.id);
  await vi.waitFor(() => expect(session.isSynced).toBe(true));
  expect(session.connection).toBe('online');
  void other.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  run.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  run.emit({ type: 'text-delta', id: 't', delta: 'one' });
  await vi.waitFor(() => expect(lines()).toEqual(['user: hi', 'assistant: one']));
  expect(chat.status).toBe('streaming');
  expect(session.runs.map(({ state }) => state)).toEqual(['running']);
  await vi.waitFor(() => expect(session.participants.map(({ state }) => state)).toEqual(['here']));
  expect(await session.stop()).toBe('stopping');
  await vi.waitFor(() => expect(chat.status).toBe('ready'));
});

test('it sends and loads older messages; leaving stops the following, and no run', async () => {
  const room = await openRoom({ limits: { pageMessages: 2 } });
  const other = room.join();
  for (const at of [1, 2]) await turn(room, other, `ask ${at}`, `reply ${at}`);
  const { chat, session, leave, lines, transport } = join(room.api, room.id);
  await vi.waitFor(() => expect(lines()).toEqual(['user: ask 2', 'assistant: reply 2']));
  while (session.hasOlder) await session.loadOlder();
  expect(lines()).toHaveLength(4);
  const sent = chat.sendMessage({ text: 'ask 3' });
  const run = await room.agent.run(2);
  leave();
  expect(run.context.signal.aborted).toBe(false);
  await Promise.all([sent, answer(room, 2, 'reply 3')]);
  await vi.waitFor(() => expect(transport.session(room.id).runs.at(-1)?.state).toBe('finished'));
});

test('HF-CONN-15 it tells why there is no connection, and how many tries failed', async () => {
  const api = 'http://127.0.0.1:9/api/chat';
  const onError = () => {};
  const transport = createChatTransport({ api, WebSocket: sockets().WebSocket, onError });
  const session = followSession({ id: 's1' }, transport);
  const leave = session.follow();
  onTestFinished(() => {
    leave();
    transport.close();
  });
  await vi.waitFor(() => expect(session.trouble).toMatchObject({ reason: 'refused' }));
  await vi.waitFor(() => expect(session.trouble?.attempt).toBeGreaterThan(1), 5_000);
  expect(session.connection).toBe('connecting');
});

test('HF-CAR-1 it tells what carries the connection, and why', async () => {
  const room = await openRoom();
  const transport = createChatTransport({
    api: room.api,
    carrier: 'http',
    fetch: globalThis.fetch,
  });
  const session = followSession({ id: room.id }, transport);
  const leave = session.follow();
  onTestFinished(() => {
    leave();
    transport.close();
  });
  expect(session.carrier).toBeNull();
  await vi.waitFor(() => expect(session.carrier).toBe('http'));
  expect(session.carrierReason).toBe('option');
});
