'use client';

import { useEffect, useState } from 'react';
import { recentChats } from '../lib/recent-chats.ts';
import { useConnected } from './transport-provider.tsx';

/** Whether somebody has deleted the chat while this page showed it, and nobody has begun it anew. */
export function useDeleted(id: string): boolean {
  const { transport } = useConnected();
  const [isDeleted, setDeleted] = useState(false);
  useEffect(
    () =>
      transport.session(id).watch((news) => {
        if (news.t === 'closed' && news.why === 'deleted') {
          setDeleted(true);
          recentChats.forget(id);
        }
        if (news.t === 'entry') setDeleted(false);
      }),
    [id, transport],
  );
  return isDeleted;
}
