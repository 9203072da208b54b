'use client';

import { memo } from 'react';
import type { Edit } from '../lib/drafts.ts';
import { textOf } from '../lib/message-text.ts';
import type { ChatMessage } from '../lib/tools.ts';
import { EditMessage } from './edit-message.tsx';
import { IconButton } from './icon-button.tsx';
import { PencilIcon } from './icons.tsx';
import { useDrafts } from './use-drafts.ts';

export type OnEdit = (messageId: string, edit: Edit) => void;

interface Props {
  readonly chat: string;
  readonly message: ChatMessage;
  /** Absent for what somebody else has written: only its author may change it. */
  readonly onEdit?: OnEdit | undefined;
}

export const UserMessage = memo(function UserMessage({ chat, message, onEdit }: Props) {
  const { drafts, edits } = useDrafts(chat);
  const edit = edits[message.id];
  const text = textOf(message);
  const put = (changed: Edit | null) => drafts.setEdit(chat, message.id, changed);
  const isChanged = edit !== undefined && edit.from !== text;
  const editor = edit && onEdit && (
    <EditMessage
      text={edit.text}
      hint={
        isChanged
          ? 'It was changed on another page meanwhile. Send yours, and all that follows is answered anew.'
          : 'All that follows is answered anew.'
      }
      onChange={(changed) => put({ ...edit, text: changed })}
      onCancel={() => put(null)}
      onSave={(changed) => {
        put(null);
        onEdit(message.id, { text: changed, from: text });
      }}
    />
  );
  if (editor && !isChanged) return editor;
  return (
    <>
      <article
        aria-label="Your message"
        data-testid="user"
        data-message={message.id}
        data-text={text}
        className="group/message flex items-center justify-end gap-1"
      >
        {onEdit && !edit && (
          <IconButton
            label="Edit this message"
            className="opacity-60 focus-visible:opacity-100 group-hover/message:opacity-100"
            onClick={() => put({ text, from: text })}
          >
            <PencilIcon />
          </IconButton>
        )}
        <p className="wrap-anywhere max-w-[85%] whitespace-pre-wrap rounded-2xl rounded-br-md bg-accent px-4 py-2.5 text-accent-foreground">
          {text}
        </p>
      </article>
      {editor}
    </>
  );
});
