'use client';

import { type FormEvent, type KeyboardEvent, useState } from 'react';
import { nameOf, type RecentChat, recentChats } from '../lib/recent-chats.ts';

interface Props {
  readonly chat: RecentChat;
  readonly onClose: () => void;
}

/** In the place of the chat's name. Enter and leaving it keep what was written, Escape does not. */
export function RenameChat({ chat, onClose }: Props) {
  const [name, setName] = useState(nameOf(chat));
  const save = (event?: FormEvent) => {
    event?.preventDefault();
    recentChats.rename(chat.id, name.trim());
    onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    // It does not close the drawer of a phone as well.
    event.preventDefault();
    event.stopPropagation();
    onClose();
  };
  return (
    <form onSubmit={save}>
      <input
        aria-label="What this chat is called"
        dir="auto"
        // biome-ignore lint/a11y/noAutofocus: the user has just asked to rename it
        autoFocus
        value={name}
        maxLength={80}
        onFocus={({ target }) => target.select()}
        onChange={({ target }) => setName(target.value)}
        onBlur={() => save()}
        onKeyDown={onKeyDown}
        className="h-9 w-full rounded-lg border bg-card px-3 text-sm"
      />
    </form>
  );
}
