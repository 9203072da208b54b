// What an application's page writes, with every entry point that it may import.
import { useChat } from '@ai-sdk/react';
import { createChatTransport, HoldfastError } from '@holdfast/client';
import { useSession } from '@holdfast/client/react';
import { useSession as useSvelteSession } from '@holdfast/client/svelte';
import { syncChat } from '@holdfast/client/sync';
import { useSession as useVueSession } from '@holdfast/client/vue';
import type { UIMessage } from 'ai';

type ChatMessage = UIMessage<{ model?: string }>;

const transport = createChatTransport<ChatMessage>({ api: '/api/chat' });

export function Chat({ id, history }: { id: string; history: ChatMessage[] }) {
  const chat = useChat<ChatMessage>({ id, transport, messages: history });
  const session = useSession(chat, transport);
  const last = chat.messages.at(-1);
  const said: string | undefined = last?.metadata?.model;
  // @ts-expect-error: a state is one of a few words, so that this would not be `any` unnoticed.
  const wrong: 42 = session.connection;
  return (
    <button type="button" onClick={() => void chat.sendMessage({ text: 'Hello' })}>
      {said} {wrong}
    </button>
  );
}

export const others = [useSvelteSession, useVueSession, syncChat, HoldfastError];
