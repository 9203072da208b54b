// @vitest-environment jsdom
import { Chat } from '@ai-sdk/svelte';
import { createChatTransport } from '@holdfast/client';
import { useSession as followSession } from '@holdfast/client/svelte';
import { flushSync } from 'svelte';
import { expect, onTestFinished, test, vi } from 'vitest';
import { answer, lineOf, openRoom, turn } from '../support/room.ts';
import { sockets } from '../support/sockets.ts';
import { inEffect } from './effect.svelte.js';

test('an effect follows once, whatever the chat does, and its end leaves the session', async () => {
  const room = await openRoom();
  const other = room.join();
  const transport = createChatTransport({
    api: room.api,
    WebSocket: sockets().WebSocket,
    fetch: globalThis.fetch,
  });
  onTestFinished(() => transport.close());
  const hold = vi.spyOn(transport, 'hold');
  const chat = new Chat({ id: room.id, transport: transport as never });
  const session = followSession(chat, transport);
  const destroy = inEffect(session.follow);
  flushSync();
  await turn(room, other, 'hi', 'one');
  await vi.waitFor(() => expect(chat.messages.map(lineOf)).toEqual(['user: hi', 'assistant: one']));
  await Promise.all([chat.sendMessage({ text: 'and' }), answer(room, 1, 'two')]);
  flushSync();
  await vi.waitFor(() => expect(other.lines).toHaveLength(4));
  expect(hold).toHaveBeenCalledOnce();
  destroy();
  flushSync();
  expect(session.isSynced).toBe(false);
});
