'use client';

import { useRouter } from 'next/navigation';
import { recentChats } from '../lib/recent-chats.ts';
import { newSessionId } from '../lib/session-id.ts';
import { IconButton } from './icon-button.tsx';
import { TrashIcon } from './icons.tsx';
import { useConnected } from './transport-provider.tsx';

/** Erases the chat for everybody: from the log, and from every page that shows it. */
export function DeleteButton({ id }: { readonly id: string }) {
  const router = useRouter();
  const { network } = useConnected();
  const erase = async () => {
    const response = await network.fetch(`/api/chat/${id}`, { method: 'DELETE' });
    if (!response.ok) return;
    recentChats.forget(id);
    router.push(`/chat/${newSessionId()}`);
  };
  // Without a network nothing is erased, and the button can be pressed again.
  return (
    <IconButton label="Delete this chat" onClick={() => void erase().catch(() => {})}>
      <TrashIcon />
    </IconButton>
  );
}
