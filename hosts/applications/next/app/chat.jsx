'use client';

import { useChat } from '@ai-sdk/react';
import { createChatTransport } from '@holdfast/client';
import { useSession } from '@holdfast/client/react';

const transport = createChatTransport({ api: '/api/chat' });

export function Chat({ id, history }) {
  const chat = useChat({ id, transport, messages: history });
  useSession(chat, transport);
  return (
    <form action={() => chat.sendMessage({ text: 'Does it work?' })}>
      <output>{chat.status}</output>
      <button type="submit">Send</button>
    </form>
  );
}
