'use client';

import { memo, useState } from 'react';
import { textOf } from '../lib/message-text.ts';
import type { ChatMessage } from '../lib/tools.ts';
import { EditMessage } from './edit-message.tsx';
import { IconButton } from './icon-button.tsx';
import { PencilIcon } from './icons.tsx';

interface Props {
  readonly message: ChatMessage;
  /** Absent for what somebody else has written: only its author may change it. */
  readonly onEdit?: ((messageId: string, text: string) => void) | undefined;
}

export const UserMessage = memo(function UserMessage({ message, onEdit }: Props) {
  const [editing, setEditing] = useState(false);
  const text = textOf(message);
  if (editing && onEdit)
    return (
      <EditMessage
        text={text}
        onCancel={() => setEditing(false)}
        onSave={(changed) => {
          setEditing(false);
          onEdit(message.id, changed);
        }}
      />
    );
  return (
    <article
      aria-label="Your message"
      data-testid="user"
      data-message={message.id}
      data-text={text}
      className="group/message flex items-center justify-end gap-1"
    >
      {onEdit && (
        <IconButton
          label="Edit this message"
          className="opacity-60 focus-visible:opacity-100 group-hover/message:opacity-100"
          onClick={() => setEditing(true)}
        >
          <PencilIcon />
        </IconButton>
      )}
      <p className="wrap-anywhere max-w-[85%] whitespace-pre-wrap rounded-2xl rounded-br-md bg-accent px-4 py-2.5 text-accent-foreground">
        {text}
      </p>
    </article>
  );
});
