'use client';

import type { UseChatHelpers } from '@ai-sdk/react';
import { useEffect } from 'react';
import type { LoadedSession } from './session-of-snapshot.ts';
import type { ChatMessage } from './tools.ts';

interface Run {
  readonly run: string;
  readonly messageId: string;
  readonly state: string;
}

/**
 * `useChat` knows the answers that it asked for, and the one that it resumed. When the session tells
 * of another one, because a second tab asked for it or because it ended before the page could
 * resume it, the chat is loaded again and follows what is live.
 */
export function useFollow(
  chat: UseChatHelpers<ChatMessage>,
  runs: readonly Run[],
  load: () => Promise<LoadedSession>,
): void {
  const { messages, status, setMessages, resumeStream } = chat;
  const idle = status === 'ready' || status === 'error';
  const missed = runs.filter((run) => !messages.some(({ id }) => id === run.messageId));
  // With the state, because an answer may have ended before it could be followed.
  const reason = idle ? missed.map(({ run, state }) => `${run} ${state}`).join() : '';
  useEffect(() => {
    if (reason === '') return;
    let current = true;
    const follow = async () => {
      const { messages: history, isRunning } = await load();
      if (!current) return;
      setMessages([...history]);
      if (isRunning) await resumeStream();
    };
    // Without a network there is nothing to follow; the next change of the runs tries again.
    void follow().catch(() => {});
    return () => {
      current = false;
    };
  }, [reason, load, setMessages, resumeStream]);
}
