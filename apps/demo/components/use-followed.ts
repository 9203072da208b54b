'use client';

import type { UseChatHelpers } from '@ai-sdk/react';
import { type SessionHelpers, useSession } from '@holdfast/client/react';
import { isToolUIPart } from 'ai';
import { type RefObject, useLayoutEffect, useRef, useState } from 'react';
import { type Asked, askerFirst } from '../lib/asker-first.ts';
import type { History } from '../lib/history.ts';
import type { ChatMessage } from '../lib/tools.ts';
import type { AuthorOf } from '../lib/writers.ts';
import { clientTools } from './client-tools.ts';
import { useConnected } from './transport-provider.tsx';

interface Facts {
  readonly messages: readonly ChatMessage[];
  readonly authorOf: AuthorOf;
  readonly visitor: string;
}

/** Follows the session, and executes its client tools where this browser has asked. */
export function useFollowed(
  chat: UseChatHelpers<ChatMessage>,
  history: History,
): { readonly session: SessionHelpers; readonly authorOf: AuthorOf } {
  const { transport, visitor } = useConnected();
  const facts = useRef<Facts>({ ...history, authorOf: () => undefined, visitor: visitor.id });
  const [courteous] = useState(() => askerFirst(transport, askedOf(facts)));
  const session = useSession(chat, courteous, { tools: clientTools });
  // The page was painted before the session told.
  const authorOf: AuthorOf = (message) => session.authorOf(message) ?? history.authors[message];
  useLayoutEffect(() => {
    facts.current = { messages: chat.messages, authorOf, visitor: visitor.id };
  });
  return { session, authorOf };
}

const askedOf = (facts: RefObject<Facts>): Asked => ({
  here: () => {
    const { messages, authorOf, visitor } = facts.current;
    const question = messages.findLast(({ role }) => role === 'user');
    // What was sent just now has an author as soon as the session tells of it.
    return question !== undefined && (authorOf(question.id)?.id ?? visitor) === visitor;
  },
  isOpen: ({ messageId, toolCallId }) => {
    const message = facts.current.messages.find(({ id }) => id === messageId);
    const part = message?.parts.filter(isToolUIPart).find((each) => each.toolCallId === toolCallId);
    // What the page does not show yet is the server's to tell.
    return part === undefined || part.state === 'input-available';
  },
});
