'use client';

import { useRouter } from 'next/navigation';
import { useCallback, useEffect } from 'react';
import { toast } from 'sonner';
import { erase } from '../lib/erase.ts';
import { nameOf, recentChats } from '../lib/recent-chats.ts';
import { newSessionId } from '../lib/session-id.ts';
import { sidebarId } from './sidebar-id.ts';
import { useConnected } from './transport-provider.tsx';

/** How long a deletion can be undone, in ms; longer while the message that offers it is pointed at. */
const undoMs = 8_000;

/** How long it is told that a deletion failed, in ms. */
const failureMs = 20_000;

/** After this time no page offers to undo it any more, in ms. */
const staleMs = 60_000;

/** What this page may still undo: names of chats by their ids. */
const pending = new Map<string, string>();

/** Erases the chat; what was not erased is in the list again. */
function useErasing(): (id: string, name: string) => Promise<void> {
  const { network, drafts } = useConnected();
  return useCallback(
    async (id, name) => {
      const words = await erase(network.fetch, id);
      if (words === null) {
        recentChats.forget(id);
        drafts.forget(id);
        return;
      }
      recentChats.setDeleted(id, null);
      toast.error(`Not deleted: “${name}”, because ${words}`, { duration: failureMs });
    },
    [network, drafts],
  );
}

/** Takes a chat off the list, and erases it for everybody once nobody can undo that any more. */
export function useDeletion(): (id: string, isShown: boolean) => void {
  const router = useRouter();
  const end = useErasing();
  return (id, isShown) => {
    const chat = recentChats.latest().find((each) => each.id === id);
    const name = chat ? nameOf(chat) : 'New chat';
    pending.set(id, name);
    recentChats.setDeleted(id, Date.now());
    // The list of a phone would stand in front of what offers to undo it.
    document.getElementById(sidebarId)?.hidePopover();
    if (isShown) router.push(`/chat/${newSessionId()}`);
    const undo = () => {
      pending.delete(id);
      recentChats.setDeleted(id, null);
      if (isShown) router.push(`/chat/${id}`);
    };
    const finish = () => {
      if (pending.delete(id)) void end(id, name);
    };
    toast(`Deleted for everybody: “${name}”`, {
      id,
      duration: undoMs,
      action: { label: 'Undo', onClick: undo },
      onAutoClose: finish,
      onDismiss: finish,
    });
  };
}

/** Sees deletions through that this page leaves behind, and those that another one could not, as it broke down. */
export function useLeftDeletions(): void {
  const end = useErasing();
  useEffect(() => {
    for (const chat of recentChats.latest())
      if (chat.deletedAt && Date.now() - chat.deletedAt >= staleMs) void end(chat.id, nameOf(chat));
    const leave = () => {
      for (const [id, name] of pending) void end(id, name);
      pending.clear();
    };
    window.addEventListener('pagehide', leave);
    return () => window.removeEventListener('pagehide', leave);
  }, [end]);
}
