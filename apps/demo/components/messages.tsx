'use client';

import type { ChatMessage } from '../lib/tools.ts';
import { AssistantMessage, Waiting } from './assistant-message.tsx';
import type { Decide } from './tool-card.tsx';
import { UserMessage } from './user-message.tsx';

interface Props {
  readonly messages: readonly ChatMessage[];
  /** The messages that are being written. */
  readonly live: ReadonlySet<string>;
  readonly busy: boolean;
  readonly onEdit: (messageId: string, text: string) => void;
  readonly onRegenerate: (messageId: string) => void;
  readonly onDecide: Decide;
}

export function Messages({ messages, live, busy, onEdit, onRegenerate, onDecide }: Props) {
  const last = messages.at(-1);
  return (
    <div
      className="space-y-6"
      data-testid="messages"
      role="log"
      aria-label="Conversation"
      aria-live="off"
    >
      {messages.map((message) =>
        message.role === 'user' ? (
          <UserMessage key={message.id} message={message} onEdit={onEdit} />
        ) : (
          <AssistantMessage
            key={message.id}
            message={message}
            live={live.has(message.id) || (busy && message === last)}
            onDecide={onDecide}
            onRegenerate={busy ? undefined : onRegenerate}
          />
        ),
      )}
      {busy && last?.role === 'user' && <Waiting />}
    </div>
  );
}
