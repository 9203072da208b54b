'use client';

import type { ChatStatus } from 'ai';
import type { Connection } from './connection-badge.tsx';

interface Props {
  readonly status: ChatStatus;
  readonly connection: Connection;
  /** The last answer was ended by Stop. */
  readonly stopped: boolean;
}

/** Tells in words what goes on; also to screen readers, which do not read every word of an answer. */
export function StatusLine({ status, connection, stopped }: Props) {
  return (
    <p
      role="status"
      data-testid="status"
      data-status={status}
      className="min-h-5 px-1 text-muted-foreground text-xs"
    >
      {textOf(status, connection, stopped)}
    </p>
  );
}

function textOf(status: ChatStatus, connection: Connection, stopped: boolean): string {
  const busy = status === 'submitted' || status === 'streaming';
  if (busy && connection !== 'online' && connection !== 'idle')
    return 'No connection. The answer is written on, and will go on here.';
  if (status === 'submitted') return 'Waiting for the answer…';
  if (status === 'streaming') return 'Answering…';
  if (status === 'ready' && stopped) return 'Stopped. What was written is kept.';
  return '';
}
