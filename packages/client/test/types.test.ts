import { Chat, useChat } from '@ai-sdk/react';
import { createChatTransport, type SocketConstructor } from '@holdfast/client';
import { type SessionHelpers, useSession } from '@holdfast/client/react';
import {
  type ChatSync,
  type SyncedChat,
  type SyncTransport,
  syncChat,
} from '@holdfast/client/sync';
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

test('the types of messages flow through what keeps a chat in step, without casts', () => {
  const transport = createChatTransport<Own>();
  const chat = new Chat<Own>({ id: 'c', transport });
  const follow = () => {
    const helpers = useChat<Own>({ id: 'c', transport });
    return [useSession(helpers, transport), useSession(chat, transport)] as const;
  };
  expectTypeOf(follow).returns.toExtend<readonly SessionHelpers[]>();
  expectTypeOf(useSession<Own>)
    .parameter(0)
    .toExtend<{ readonly id: string }>();
  expectTypeOf(syncChat<Own>).returns.toEqualTypeOf<ChatSync>();
  expectTypeOf(chat).toExtend<SyncedChat<Own>>();
  expectTypeOf(transport).toExtend<SyncTransport>();
  expectTypeOf(transport.page).returns.resolves.toExtend<{ readonly messages: Own[] }>();
  expectTypeOf(transport.snapshot).returns.resolves.toExtend<{ readonly messages: Own[] }>();
  expectTypeOf<SyncedChat<Own>['messages']>().toEqualTypeOf<Own[]>();
  expectTypeOf<ChatSync['loadOlder']>().returns.resolves.toBeBoolean();
  // @ts-expect-error a chat of other messages is not kept in step as one of these
  expectTypeOf(syncChat<Own>).toBeCallableWith(new Chat<UIMessage<string>>({}), transport);
});
