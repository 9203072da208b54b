'use client';

import { useSyncExternalStore } from 'react';
import { type RecentChat, recentChats } from '../lib/recent-chats.ts';

/** The chats that this browser has seen, those that are being deleted among them. */
export const useChats = (): readonly RecentChat[] =>
  useSyncExternalStore(
    recentChats.subscribe,
    recentChats.getSnapshot,
    recentChats.getServerSnapshot,
  );
