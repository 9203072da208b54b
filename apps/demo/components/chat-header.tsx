'use client';

import type { SessionHelpers } from '@holdfast/client/react';
import type { Link } from '../lib/link.ts';
import { ConnectionBadge } from './connection-badge.tsx';
import { DeleteButton } from './delete-button.tsx';
import { MenuIcon, OperatorIcon, PersonIcon, WindowsIcon } from './icons.tsx';
import { NetworkSwitch } from './network-switch.tsx';
import { PhoneButton } from './phone-button.tsx';
import { Presence } from './presence.tsx';
import { ProofButton } from './proof-button.tsx';
import { sidebarId } from './sidebar-id.ts';

interface Props {
  readonly id: string;
  readonly title: string;
  readonly session: SessionHelpers;
  /** The newest answer. */
  readonly answer: string;
  readonly link: Link;
  readonly isOperator: boolean;
  readonly others: Parameters<typeof Presence>[0]['others'];
}

export function ChatHeader({ id, title, session, answer, link, isOperator, others }: Props) {
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
      <h1
        dir="auto"
        className="sr-only sm:not-sr-only sm:min-w-0 sm:flex-1 sm:truncate sm:font-medium sm:text-sm"
      >
        {title}
      </h1>
      <div className="ml-auto flex items-center gap-2">
        <Presence others={others} />
        <ConnectionBadge connection={session.connection} link={link} />
        <NetworkSwitch />
        <ProofButton id={id} session={session} link={link} text={answer} />
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
        <OtherRole id={id} isOperator={isOperator} />
      </div>
    </header>
  );
}

/** The same chat as somebody who may answer in the place of the assistant, and back. */
function OtherRole({ id, isOperator }: { readonly id: string; readonly isOperator: boolean }) {
  const words = isOperator ? 'Open it as a visitor' : 'Open it as an operator, who may answer';
  return (
    <a
      href={isOperator ? `/chat/${id}` : `/operator/${id}`}
      target="_blank"
      rel="noopener"
      aria-label={words}
      title={words}
      className="hidden size-8 items-center justify-center rounded-md text-muted-foreground hover:bg-muted hover:text-foreground sm:inline-flex"
    >
      {isOperator ? <PersonIcon /> : <OperatorIcon />}
    </a>
  );
}
