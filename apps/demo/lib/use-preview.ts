'use client';

import { useState } from 'react';
import type { ChatMessage } from './tools.ts';

/**
 * A live answer as the server painted it, until its stream has arrived; null from then on. Only
 * painted, never given to `useChat`: the stream brings all of the answer anyway.
 */
export function usePreview(
  live: ChatMessage | null,
  messages: readonly ChatMessage[],
): ChatMessage | null {
  const [preview, setPreview] = useState(live);
  const [before] = useState(messages.length);
  const isOver = preview !== null && messages.length !== before;
  if (isOver) setPreview(null);
  return isOver ? null : preview;
}
