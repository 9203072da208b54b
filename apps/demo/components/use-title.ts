'use client';

import { useEffect, useRef } from 'react';
import { recentChats } from '../lib/recent-chats.ts';
import { titleNow } from '../lib/title.ts';
import type { ChatMessage } from '../lib/tools.ts';

interface Options {
  readonly id: string;
  readonly messages: readonly ChatMessage[];
  readonly isWhole: boolean;
  /** What the server calls a chat of which the page shows only the end. */
  readonly named: string | null;
}

/** The chat's title, also for the list of chats; undefined while nothing was asked. */
export function useTitle({ id, messages, isWhole, named }: Options): string | undefined {
  const known = useRef(named);
  const title = titleNow({ messages, isWhole, known: known.current });
  useEffect(() => {
    if (title === undefined) return;
    known.current = title;
    recentChats.remember({ id, title });
  }, [id, title]);
  return title;
}
