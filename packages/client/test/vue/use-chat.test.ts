// @vitest-environment jsdom
import { useChat } from '@ai-sdk/vue';
import { createChatTransport } from '@holdfast/client';
import { useSession as followSession } from '@holdfast/client/vue';
import { expect, onTestFinished, test, vi } from 'vitest';
import { effectScope, ref } from 'vue';
import { answer, lineOf, openRoom, turn } from '../support/room.ts';
import { freshId } from '../support/server.ts';
import { sockets } from '../support/sockets.ts';

// `never`: the package pins an `ai` of its own, whose list of known parts is shorter by one.
test('the helpers of useChat follow their session, and another one when their id changes', async () => {
  const room = await openRoom({ limits: { pageMessages: 2 } });
  const other = room.join();
  await turn(room, other, 'ask 1', 'reply 1');
  await turn(room, other, 'ask 2', 'reply 2');
  const transport = createChatTransport({
    api: room.api,
    WebSocket: sockets().WebSocket,
    fetch: globalThis.fetch,
  });
  const id = ref(room.id);
  const scope = effectScope();
  const made = scope.run(() => {
    const chat = useChat(() => ({ id: id.value, transport: transport as never }));
    return { chat, session: followSession(chat, transport) };
  });
  onTestFinished(() => {
    scope.stop();
    transport.close();
  });
  if (!made) throw new Error('the scope is not active');
  const { chat, session } = made;
  const lines = () => chat.messages.value.map(lineOf);
  await vi.waitFor(() => expect(lines()).toEqual(['user: ask 2', 'assistant: reply 2']));
  expect(await session.loadOlder()).toBe(false);
  expect(lines()).toHaveLength(4);

  const sent = other.chat.sendMessage({ text: 'ask 3' });
  const run = await room.agent.run(2);
  run.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  run.emit({ type: 'text-delta', id: 't', delta: 'reply 3' }, { type: 'text-end', id: 't' });
  await vi.waitFor(() => expect(lines().slice(-2)).toEqual(['user: ask 3', 'assistant: reply 3']));
  expect(chat.status.value).toBe('streaming');
  run.end();
  await sent;
  await vi.waitFor(() => expect(chat.status.value).toBe('ready'));
  await Promise.all([chat.sendMessage({ text: 'ask 4' }), answer(room, 3, 'reply 4')]);
  await vi.waitFor(() => expect(other.lines).toEqual(lines()));

  id.value = freshId();
  await vi.waitFor(() => expect(session.isSynced.value).toBe(true));
  expect(lines()).toEqual([]);
});
