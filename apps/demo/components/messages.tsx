'use client';

import type { ReactNode } from 'react';
import type { ChatMessage } from '../lib/tools.ts';
import { type AuthorOf, writerNameOf } from '../lib/writers.ts';
import { AssistantMessage, Waiting } from './assistant-message.tsx';
import type { Decide } from './tool-card.tsx';
import { UserMessage } from './user-message.tsx';

interface Props {
  readonly messages: readonly ChatMessage[];
  readonly authorOf: AuthorOf;
  /** The id of who looks at them. */
  readonly visitor: string;
  /** The messages that are being written. */
  readonly live: ReadonlySet<string>;
  readonly busy: boolean;
  readonly onEdit: (messageId: string, text: string) => void;
  readonly onRegenerate: (messageId: string) => void;
  readonly onDecide: Decide;
}

export function Messages({
  messages,
  authorOf,
  visitor,
  live,
  busy,
  onEdit,
  onRegenerate,
  onDecide,
}: Props) {
  const last = messages.at(-1);
  const ids = new Set(messages.map(({ id }) => id));
  const isTop = ({ id }: ChatMessage) => !ids.has(authorOf(id)?.parent ?? '');
  // What was sent just now has an author as soon as the session tells of it.
  const isOwn = ({ id }: ChatMessage) => (authorOf(id)?.id ?? visitor) === visitor;
  const isChildOf = (parent: string) => (message: ChatMessage) =>
    authorOf(message.id)?.parent === parent;
  const show = (message: ChatMessage) =>
    message.role === 'user' ? (
      <UserMessage
        key={message.id}
        message={message}
        onEdit={isOwn(message) ? onEdit : undefined}
      />
    ) : (
      <AssistantMessage
        key={message.id}
        message={message}
        writer={writerNameOf(authorOf(message.id))}
        live={live.has(message.id) || (busy && message === last)}
        onDecide={onDecide}
        onRegenerate={busy ? undefined : onRegenerate}
      />
    );
  return (
    <div
      className="space-y-6"
      data-testid="messages"
      role="log"
      aria-label="Conversation"
      aria-live="off"
    >
      {messages.filter(isTop).map((message) => (
        <div key={message.id} className="space-y-4">
          <Children>{messages.filter(isChildOf(message.id)).map(show)}</Children>
          {show(message)}
        </div>
      ))}
      {busy && last?.role === 'user' && <Waiting />}
    </div>
  );
}

/** What other agents wrote on behalf of the one below. */
function Children({ children }: { readonly children: readonly ReactNode[] }) {
  if (children.length === 0) return null;
  return (
    <div data-testid="children" className="space-y-4 border-border border-l-2 pl-4">
      {children}
    </div>
  );
}
