'use client';

import { memo } from 'react';
import type { Edit } from '../lib/drafts.ts';
import { textOf } from '../lib/message-text.ts';
import type { ChatMessage } from '../lib/tools.ts';
import { EditMessage } from './edit-message.tsx';
import { FoldedText } from './folded-text.tsx';
import { IconButton } from './icon-button.tsx';
import { PencilIcon } from './icons.tsx';
import { MessageFiles } from './message-files.tsx';
import { useDrafts } from './use-drafts.ts';

export type OnEdit = (messageId: string, edit: Edit) => void;

interface Props {
  readonly chat: string;
  readonly message: ChatMessage;
  /** Who wrote it, where that is to be told. */
  readonly author: string | undefined;
  readonly isOwn: boolean;
  /** Absent for what somebody else has written: only its author may change it. */
  readonly onEdit?: OnEdit | undefined;
}

export const UserMessage = memo(function UserMessage({
  chat,
  message,
  author,
  isOwn,
  onEdit,
}: Props) {
  const { drafts, edits } = useDrafts(chat);
  const edit = edits[message.id];
  const text = textOf(message);
  const files = message.parts.filter((part) => part.type === 'file');
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
        aria-label={isOwn ? 'Your message' : `Message from ${author}`}
        data-testid="user"
        data-message={message.id}
        data-text={text}
        className="group/message flex items-center justify-end gap-1"
      >
        {onEdit && !edit && files.length === 0 && (
          <IconButton
            label="Edit this message"
            className="opacity-80 focus-visible:opacity-100 group-hover/message:opacity-100"
            onClick={() => put({ text, from: text })}
          >
            <PencilIcon />
          </IconButton>
        )}
        <div className="flex min-w-0 max-w-[85%] flex-col items-end gap-1">
          {author && (
            <p data-testid="author" className="px-1 font-medium text-muted-foreground text-xs">
              {author}
            </p>
          )}
          <MessageFiles files={files} />
          {text !== '' && (
            <div
              dir="auto"
              className="wrap-anywhere max-w-full whitespace-pre-wrap rounded-2xl rounded-ee-md bg-accent px-4 py-2.5 text-accent-foreground"
            >
              <FoldedText text={text} />
            </div>
          )}
        </div>
      </article>
      {editor}
    </>
  );
});
