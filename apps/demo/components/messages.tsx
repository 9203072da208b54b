'use client';

import type { ReactNode } from 'react';
import type { ChatMessage } from '../lib/tools.ts';
import { type AuthorOf, askerNameOf, writerNameOf } from '../lib/writers.ts';
import { AssistantMessage, type Ending, Waiting } from './assistant-message.tsx';
import type { Decide } from './tool-card.tsx';
import { type OnEdit, UserMessage } from './user-message.tsx';

interface Props {
  readonly chat: string;
  readonly messages: readonly ChatMessage[];
  readonly authorOf: AuthorOf;
  /** The id of who looks at them. */
  readonly visitor: string;
  /** The messages that are being written. */
  readonly live: ReadonlySet<string>;
  /** How runs of messages ended, where that was before their time. */
  readonly endings: ReadonlyMap<string, Ending>;
  readonly busy: boolean;
  /** The message that the chat writes into while it is busy; what waits in the outbox may be behind these. */
  readonly newest: string | undefined;
  /** Whether the first word of an answer is waited for. */
  readonly isWaiting: boolean;
  readonly onEdit: OnEdit;
  readonly onRegenerate: (messageId: string) => void;
  readonly onDecide: Decide;
}

export function Messages({
  chat,
  messages,
  authorOf,
  visitor,
  live,
  endings,
  busy,
  newest,
  isWaiting,
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
  const isLive = (message: ChatMessage) => live.has(message.id) || (busy && message.id === newest);
  const isPeoples = ({ id, role }: ChatMessage) =>
    role === 'user' || authorOf(id)?.role === 'operator';
  const isAlone = messages.filter(isPeoples).every(isOwn);
  const show = (message: ChatMessage) =>
    message.role === 'user' ? (
      <UserMessage
        key={message.id}
        chat={chat}
        message={message}
        author={askerNameOf(authorOf(message.id), visitor, isAlone)}
        isOwn={isOwn(message)}
        onEdit={isOwn(message) ? onEdit : undefined}
      />
    ) : (
      <AssistantMessage
        key={message.id}
        message={message}
        writer={writerNameOf(authorOf(message.id), visitor)}
        live={isLive(message)}
        ending={isLive(message) ? undefined : (message.metadata?.ended ?? endings.get(message.id))}
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
      {isWaiting && last?.role === 'user' && <Waiting />}
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
