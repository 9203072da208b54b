'use client';

import { useParams } from 'next/navigation';
import { ChatRow } from './chat-row.tsx';
import { useChats } from './use-chats.ts';

export function ChatList() {
  const { id: current } = useParams<{ id?: string }>();
  const chats = useChats().filter(({ deletedAt }) => !deletedAt);
  if (chats.length === 0)
    return (
      <p className="px-3 py-2 text-muted-foreground text-sm">Your chats will be listed here.</p>
    );
  return (
    <ul className="flex flex-col gap-0.5">
      {chats.map((chat) => (
        <li key={chat.id}>
          <ChatRow chat={chat} isCurrent={chat.id === current} />
        </li>
      ))}
    </ul>
  );
}
