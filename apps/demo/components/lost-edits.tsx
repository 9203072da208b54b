'use client';

import { EditMessage } from './edit-message.tsx';
import { useDrafts } from './use-drafts.ts';

interface Props {
  readonly chat: string;
  /** Whether the chat has a message. */
  readonly has: (messageId: string) => boolean;
  readonly onSend: (text: string) => void;
}

/** Edits of messages that somebody has cut off meanwhile: their words can still be sent. */
export function LostEdits({ chat, has, onSend }: Props) {
  const { drafts, edits } = useDrafts(chat);
  return Object.entries(edits)
    .filter(([messageId]) => !has(messageId))
    .map(([messageId, edit]) => {
      const put = (text: string) => drafts.setEdit(chat, messageId, { ...edit, text });
      const end = () => drafts.setEdit(chat, messageId, null);
      return (
        <EditMessage
          key={messageId}
          text={edit.text}
          hint="The message that this was to change is gone. It can be sent as a new one."
          onChange={put}
          onCancel={end}
          onSave={(text) => {
            end();
            onSend(text);
          }}
        />
      );
    });
}
