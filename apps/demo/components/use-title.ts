'use client';

import { useEffect, useRef } from 'react';
import { headingOf, pageTitle } from '../lib/page-title.ts';
import { recentChats } from '../lib/recent-chats.ts';
import { titleNow } from '../lib/title.ts';
import type { ChatMessage } from '../lib/tools.ts';
import { useChats } from './use-chats.ts';

interface Options {
  readonly id: string;
  readonly messages: readonly ChatMessage[];
  readonly isWhole: boolean;
  /** What the server calls a chat of which the page shows only the end. */
  readonly named: string | null;
  readonly isDeleted: boolean;
  readonly isOperator: boolean;
}

/** The chat's heading; the list of chats and the browser's tab follow it. */
export function useTitle(options: Options): string {
  const { id, messages, isWhole, named, isDeleted, isOperator } = options;
  const known = useRef(named);
  const title = titleNow({ messages, isWhole, known: known.current });
  useEffect(() => {
    if (title === undefined) return;
    known.current = title;
    recentChats.remember({ id, title }, Date.now());
  }, [id, title]);
  const chats = useChats();
  const name = chats.find((chat) => chat.id === id)?.name;
  const heading = isDeleted ? 'A deleted chat' : name || headingOf(title);
  useEffect(() => {
    document.title = pageTitle(heading, isOperator);
  }, [heading, isOperator]);
  return heading;
}
