'use client';

import type { ConnectionStatus } from '@holdfast/client';
import type { Link } from '../lib/link.ts';
import { ConnectionBadge } from './connection-badge.tsx';
import { DeleteButton } from './delete-button.tsx';
import { MenuIcon, WindowsIcon } from './icons.tsx';
import { NetworkSwitch } from './network-switch.tsx';
import { PhoneButton } from './phone-button.tsx';
import { Presence } from './presence.tsx';
import { sidebarId } from './sidebar-id.ts';

interface Props {
  readonly id: string;
  readonly title: string;
  readonly connection: ConnectionStatus;
  readonly link: Link;
  readonly others: Parameters<typeof Presence>[0]['others'];
}

export function ChatHeader({ id, title, connection, link, others }: Props) {
  return (
    <header className="flex items-center gap-2 border-b px-3 py-2 sm:px-4">
      <button
        type="button"
        popoverTarget={sidebarId}
        aria-label="Show your chats"
        className="-ml-1 inline-flex size-9 items-center justify-center rounded-md hover:bg-muted md:hidden"
      >
        <MenuIcon className="size-5" />
      </button>
      <h1 className="hidden min-w-0 flex-1 truncate font-medium text-sm sm:block">{title}</h1>
      <div className="ml-auto flex items-center gap-2">
        <Presence others={others} />
        <ConnectionBadge connection={connection} link={link} />
        <NetworkSwitch />
        <PhoneButton id={id} />
        <DeleteButton id={id} />
        <a
          href={`/chat/${id}`}
          target="_blank"
          rel="noopener"
          aria-label="Open in a second tab"
          title="Open in a second tab"
          className="hidden size-8 items-center justify-center rounded-md text-muted-foreground hover:bg-muted hover:text-foreground sm:inline-flex"
        >
          <WindowsIcon />
        </a>
      </div>
    </header>
  );
}
