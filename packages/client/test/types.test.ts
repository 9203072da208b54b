import { createChatTransport, type SocketConstructor } from '@holdfast/client';
import type { ChatTransport, UIMessage } from 'ai';
import { expectTypeOf, test } from 'vitest';
import { WebSocket } from 'ws';

type Own = UIMessage<{ at: number }, { weather: { t: number } }>;

test('the transport fits the SDK, and sockets of all hosts fit the transport, without casts', () => {
  expectTypeOf(createChatTransport()).toExtend<ChatTransport<UIMessage>>();
  expectTypeOf(createChatTransport<Own>()).toExtend<ChatTransport<Own>>();
  expectTypeOf(WebSocket).toExtend<SocketConstructor>();
  expectTypeOf(globalThis.WebSocket).toExtend<SocketConstructor>();
});
