'use client';

import type { ConnectionStatus } from '@holdfast/client';
import type { Link } from '../lib/link.ts';

const looks: { readonly [L in Link]: readonly [label: string, dot: string, title: string] } = {
  idle: ['Idle', 'bg-muted-foreground', 'No socket is needed right now'],
  opening: ['Connecting', 'bg-warning motion-safe:animate-pulse', 'A socket is being opened'],
  online: ['Connected', 'bg-primary', 'The socket is open and this chat is followed'],
  stuck: ['Stuck', 'bg-danger', 'The socket is open, and the server cannot do its work'],
  cut: ['Cut', 'bg-warning', 'You have cut the network of this page with the switch'],
  lost: [
    'Reconnecting',
    'bg-warning motion-safe:animate-pulse',
    'The socket was lost, and is opened again; this page goes on from where it was',
  ],
  offline: ['Offline', 'bg-warning', 'Waits for the network; goes on from where it was'],
  refused: ['Refused', 'bg-danger', 'The gateway refused; the next message tries again'],
  closed: ['Closed', 'bg-muted-foreground', 'Nothing is followed any more'],
};

interface Props {
  readonly link: Link;
  readonly connection: ConnectionStatus;
}

export function ConnectionBadge({ link, connection }: Props) {
  const [label, dot, title] = looks[link];
  const isQuiet = link === 'online' || link === 'idle';
  return (
    <span
      data-testid="connection"
      data-connection={connection}
      data-link={link}
      title={title}
      className="inline-flex items-center gap-1.5 whitespace-nowrap rounded-full border bg-card px-2.5 py-1 text-muted-foreground text-xs @max-2xl:px-1.5"
    >
      <span className={`size-2 rounded-full ${dot}`} aria-hidden="true" />
      {/* Where there is little room, that all is well is told by the colour. */}
      <span className={isQuiet ? '@max-2xl:sr-only' : ''}>{label}</span>
    </span>
  );
}
