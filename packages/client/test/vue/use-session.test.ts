// @vitest-environment jsdom
import { Chat } from '@ai-sdk/vue';
import { createChatTransport } from '@holdfast/client';
import { useSession as followSession } from '@holdfast/client/vue';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type EffectScope, effectScope, shallowRef } from 'vue';
import { answer, lineOf, openRoom, turn } from '../support/room.ts';
import { sockets } from '../support/sockets.ts';

// `never`: the package pins an `ai` of its own, whose list of known parts is shorter by one.
function join(api: string, id: string) {
  const transport = createChatTransport({
    api,
    WebSocket: sockets().WebSocket,
    fetch: globalThis.fetch,
  });
  const make = (chatId: string) => new Chat({ id: chatId, transport: transport as never });
  const chat = shallowRef(make(id));
  const scope: EffectScope = effectScope();
  const session = scope.run(() => followSession(chat, transport));
  if (!session) throw new Error('the scope is not active');
  onTestFinished(() => {
    scope.stop();
    transport.close();
  });
  const lines = () => chat.value.messages.map(lineOf);
  return { chat, make, scope, session, lines, transport };
}

test('a chat of @ai-sdk/vue shows what another tab asks for, live, and who is there', async () => {
  const room = await openRoom();
  const other = room.join();
  const { chat, session, lines } = join(room.api, room.id);
  await vi.waitFor(() => expect(session.isSynced.value).toBe(true));
  expect(session.connection.value).toBe('online');
  void other.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  run.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  run.emit({ type: 'text-delta', id: 't', delta: 'one' });
  await vi.waitFor(() => expect(lines()).toEqual(['user: hi', 'assistant: one']));
  expect(chat.value.status).toBe('streaming');
  expect(session.runs.value.map(({ state }) => state)).toEqual(['running']);
  await vi.waitFor(() =>
    expect(session.participants.value.map(({ state }) => state)).toEqual(['here']),
  );
  expect(await session.stop()).toBe('stopping');
  await vi.waitFor(() => expect(chat.value.status).toBe('ready'));
  await vi.waitFor(() => expect(session.runs.value.at(-1)?.state).toBe('stopped'));
});

test('it sends, loads older messages, and follows another chat when the ref changes', async () => {
  const room = await openRoom({ limits: { pageMessages: 2 } });
  const other = room.join();
  for (const at of [1, 2, 3]) await turn(room, other, `ask ${at}`, `reply ${at}`);
  const { chat, make, session, lines } = join(room.api, room.id);
  await vi.waitFor(() => expect(lines()).toEqual(['user: ask 3', 'assistant: reply 3']));
  expect(session.hasOlder.value).toBe(true);
  while (session.hasOlder.value) await session.loadOlder();
  expect(lines()).toHaveLength(6);
  await Promise.all([chat.value.sendMessage({ text: 'ask 4' }), answer(room, 3, 'reply 4')]);
  await vi.waitFor(() => expect(other.lines).toEqual(lines()));
  chat.value = make('another-chat');
  await vi.waitFor(() => expect(session.isSynced.value).toBe(true));
  expect(lines()).toEqual([]);
  expect(session.hasOlder.value).toBe(false);
});

test('the end of the scope stops the following, and no run', async () => {
  const room = await openRoom();
  const { chat, scope, transport } = join(room.api, room.id);
  void chat.value.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  scope.stop();
  expect(run.context.signal.aborted).toBe(false);
  await answer(room, 0, 'one');
  await vi.waitFor(() => expect(transport.session(room.id).runs.at(-1)?.state).toBe('finished'));
});

test('HF-CONN-15 it tells why there is no connection, and how many tries failed', async () => {
  const api = 'http://127.0.0.1:9/api/chat';
  const onError = () => {};
  const transport = createChatTransport({ api, WebSocket: sockets().WebSocket, onError });
  const scope = effectScope();
  const session = scope.run(() => followSession({ id: 's1' }, transport));
  onTestFinished(() => {
    scope.stop();
    transport.close();
  });
  await vi.waitFor(() => expect(session?.trouble.value).toMatchObject({ reason: 'refused' }));
  await vi.waitFor(() => expect(session?.trouble.value?.attempt).toBeGreaterThan(1), 5_000);
  expect(session?.connection.value).toBe('connecting');
});

test('HF-CAR-1 it tells what carries the connection, and why', async () => {
  const room = await openRoom();
  const { fetch } = globalThis;
  const transport = createChatTransport({ api: room.api, carrier: 'http', fetch });
  const scope = effectScope();
  const session = scope.run(() => followSession({ id: room.id }, transport));
  onTestFinished(() => {
    scope.stop();
    transport.close();
  });
  expect(session?.carrier.value).toBeNull();
  await vi.waitFor(() => expect(session?.carrier.value).toBe('http'));
  expect(session?.carrierReason.value).toBe('option');
});
