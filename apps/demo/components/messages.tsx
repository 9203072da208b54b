'use client';

import type { ChatMessage } from '../lib/tools.ts';
import { AssistantMessage, Waiting } from './assistant-message.tsx';
import { UserMessage } from './user-message.tsx';

interface Props {
  readonly messages: readonly ChatMessage[];
  /** A live answer as the server painted it, for the moment until its stream has come. */
  readonly preview: ChatMessage | null;
  readonly busy: boolean;
  readonly onEdit: (messageId: string, text: string) => void;
  readonly onRegenerate: (messageId: string) => void;
}

export function Messages({ messages, preview, busy, onEdit, onRegenerate }: Props) {
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
            live={busy && message === last}
            onRegenerate={busy ? undefined : onRegenerate}
          />
        ),
      )}
      {preview && <AssistantMessage key={preview.id} message={preview} live />}
      {busy && !preview && last?.role === 'user' && <Waiting />}
    </div>
  );
}
