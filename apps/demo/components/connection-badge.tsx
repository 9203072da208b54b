'use client';

import type { ConnectionStatus } from '@holdfast/client';

export type Connection = ConnectionStatus;

const looks: { readonly [C in Connection]: readonly [label: string, dot: string, title: string] } =
  {
    idle: ['Idle', 'bg-muted-foreground', 'No socket is needed right now'],
    connecting: ['Connecting', 'bg-warning motion-safe:animate-pulse', 'A socket is being opened'],
    online: ['Connected', 'bg-primary', 'The socket is open and this chat is followed'],
    offline: ['Offline', 'bg-warning', 'Waits for the network; goes on from where it was'],
    failed: ['Failed', 'bg-danger', 'The gateway refused; the next message tries again'],
    closed: ['Closed', 'bg-muted-foreground', 'Nothing is followed any more'],
  };

export function ConnectionBadge({ connection }: { readonly connection: Connection }) {
  const [label, dot, title] = looks[connection];
  return (
    <span
      data-testid="connection"
      data-connection={connection}
      title={title}
      className="inline-flex items-center gap-1.5 whitespace-nowrap rounded-full border bg-card px-2.5 py-1 text-muted-foreground text-xs"
    >
      <span className={`size-2 rounded-full ${dot}`} aria-hidden="true" />
      {label}
    </span>
  );
}
