'use client';

import type { SessionHelpers } from '@holdfast/client/react';
import { useRef, useState } from 'react';
import type { Link } from '../lib/link.ts';
import { ConnectionBadge } from './connection-badge.tsx';
import { IconAction } from './icon-action.tsx';
import {
  LogIcon,
  MenuIcon,
  MoreIcon,
  OperatorIcon,
  PersonIcon,
  PhoneIcon,
  TrashIcon,
  WindowsIcon,
} from './icons.tsx';
import { Menu, type MenuItem } from './menu.tsx';
import { NetworkSwitch } from './network-switch.tsx';
import { PhoneDialog } from './phone-dialog.tsx';
import { Presence } from './presence.tsx';
import { ProofPanel } from './proof-panel.tsx';
import { sidebarId } from './sidebar-id.ts';
import { useDeletion } from './use-deletion.tsx';

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

/** Where it is narrow, what there is no room for stands behind one button. */
export function ChatHeader({ id, title, session, answer, link, isOperator, others }: Props) {
  const proof = useRef<HTMLElement>(null);
  const [isPhoneOpen, setPhoneOpen] = useState(false);
  const remove = useDeletion();
  const actions: readonly MenuItem[] = [
    { label: 'How it is done', icon: <LogIcon />, act: () => proof.current?.togglePopover() },
    { label: 'Open it on your phone', icon: <PhoneIcon />, act: () => setPhoneOpen(true) },
    { label: 'Open in a second tab', icon: <WindowsIcon />, act: `/chat/${id}` },
    otherRole(id, isOperator),
    {
      label: 'Delete this chat',
      icon: <TrashIcon />,
      isDangerous: true,
      act: () => remove(id, true),
    },
  ];
  return (
    <header className="@container border-b">
      <div className="flex items-center gap-2 px-3 py-2 sm:px-4">
        <button
          type="button"
          popoverTarget={sidebarId}
          aria-label="Show your chats"
          className="-ms-1 inline-flex size-9 shrink-0 items-center justify-center rounded-md hover:bg-muted md:hidden"
        >
          <MenuIcon className="size-5" />
        </button>
        <h1 dir="auto" className="min-w-0 flex-1 truncate font-medium text-sm">
          {title}
        </h1>
        <Presence others={others} />
        <ConnectionBadge connection={session.connection} link={link} />
        <NetworkSwitch />
        <div className="@max-2xl:hidden flex items-center gap-1">
          {actions.map((action) => (
            <IconAction key={action.label} action={action} />
          ))}
        </div>
        <div className="@2xl:hidden">
          <Menu
            label="More"
            items={actions}
            className="-me-1 inline-flex size-9 items-center justify-center rounded-md hover:bg-muted"
          >
            <MoreIcon className="size-5" />
          </Menu>
        </div>
      </div>
      <ProofPanel ref={proof} id={id} session={session} link={link} text={answer} />
      {isPhoneOpen && <PhoneDialog id={id} onClose={() => setPhoneOpen(false)} />}
    </header>
  );
}

/** The same chat as somebody who may answer in the place of the assistant, and back. */
const otherRole = (id: string, isOperator: boolean): MenuItem =>
  isOperator
    ? { label: 'Open it as a visitor', icon: <PersonIcon />, act: `/chat/${id}` }
    : { label: 'Open it as an operator', icon: <OperatorIcon />, act: `/operator/${id}` };
