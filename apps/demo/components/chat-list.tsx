'use client';

import Link from 'next/link';
import { useParams } from 'next/navigation';
import { useSyncExternalStore } from 'react';
import { recentChats } from '../lib/recent-chats.ts';

export function ChatList() {
  const { id: current } = useParams<{ id?: string }>();
  const chats = useSyncExternalStore(
    recentChats.subscribe,
    recentChats.getSnapshot,
    recentChats.getServerSnapshot,
  );
  if (chats.length === 0)
    return (
      <p className="px-3 py-2 text-muted-foreground text-sm">Your chats will be listed here.</p>
    );
  return (
    <ul className="flex flex-col gap-0.5">
      {chats.map(({ id, title }) => (
        <li key={id}>
          <Link
            href={`/chat/${id}`}
            dir="auto"
            prefetch={false}
            aria-current={id === current ? 'page' : undefined}
            className="block truncate rounded-lg px-3 py-2 text-muted-foreground text-sm transition-colors hover:bg-muted hover:text-foreground aria-[current]:bg-muted aria-[current]:font-medium aria-[current]:text-foreground"
          >
            {title}
          </Link>
        </li>
      ))}
    </ul>
  );
}
