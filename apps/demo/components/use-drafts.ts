'use client';

import { useSyncExternalStore } from 'react';
import type { ChatDrafts, Drafts } from '../lib/drafts.ts';
import { useConnected } from './transport-provider.tsx';

/** What was typed in a chat and not sent, and what changes it. */
export function useDrafts(chat: string): ChatDrafts & { readonly drafts: Drafts } {
  const { drafts } = useConnected();
  const now = useSyncExternalStore(drafts.subscribe, () => drafts.of(chat), drafts.onServer);
  return { ...now, drafts };
}
