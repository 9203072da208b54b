'use client';

import Link from 'next/link';
import { useState } from 'react';
import { agoOf } from '../lib/ago.ts';
import { nameOf, type RecentChat, recentChats } from '../lib/recent-chats.ts';
import { MoreIcon, PencilIcon, PinIcon, TrashIcon } from './icons.tsx';
import { Menu } from './menu.tsx';
import { RenameChat } from './rename-chat.tsx';
import { useDeletion } from './use-deletion.tsx';

interface Props {
  readonly chat: RecentChat;
  readonly isCurrent: boolean;
}

/** A chat in the list, with what can be done to it. */
export function ChatRow({ chat, isCurrent }: Props) {
  const [isRenamed, setRenamed] = useState(false);
  const remove = useDeletion();
  const { id, isPinned = false, usedAt } = chat;
  const name = nameOf(chat);
  if (isRenamed) return <RenameChat chat={chat} onClose={() => setRenamed(false)} />;
  return (
    <div className="group/row relative flex items-center rounded-lg text-muted-foreground text-sm hover:bg-muted has-aria-[current]:bg-muted">
      <Link
        href={`/chat/${id}`}
        prefetch={false}
        aria-current={isCurrent ? 'page' : undefined}
        className="min-w-0 flex-1 rounded-lg py-1.5 ps-3 transition-colors hover:text-foreground aria-[current]:font-medium aria-[current]:text-foreground"
      >
        <span className="flex items-center gap-1.5">
          {isPinned && <PinIcon className="size-3.5" />}
          <span dir="auto" className="min-w-0 flex-1 truncate">
            {name}
          </span>
        </span>
        {usedAt !== undefined && (
          <span className="block font-normal text-muted-foreground text-xs">
            {agoOf(usedAt, Date.now())}
          </span>
        )}
      </Link>
      <Menu
        label={`More: ${name}`}
        items={[
          { label: 'Rename', icon: <PencilIcon />, act: () => setRenamed(true) },
          {
            label: isPinned ? 'Unpin' : 'Pin',
            icon: <PinIcon />,
            act: () => recentChats.pin(id, !isPinned),
          },
          {
            label: 'Delete',
            icon: <TrashIcon />,
            isDangerous: true,
            act: () => remove(id, isCurrent),
          },
        ]}
        className="inline-flex size-9 shrink-0 items-center justify-center rounded-lg opacity-70 hover:text-foreground focus-visible:opacity-100 group-hover/row:opacity-100"
      >
        <MoreIcon />
      </Menu>
    </div>
  );
}
