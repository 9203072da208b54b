'use client';

import type { ChatStatus } from 'ai';
import type { Connection } from './connection-badge.tsx';

interface Props {
  readonly status: ChatStatus;
  readonly connection: Connection;
  /** The last answer was ended by Stop. */
  readonly stopped: boolean;
  /** Names of others who are writing a message. */
  readonly typing: readonly string[];
}

/** Tells in words what goes on; also to screen readers, which do not read every word of an answer. */
export function StatusLine({ status, connection, stopped, typing }: Props) {
  return (
    <p
      role="status"
      data-testid="status"
      data-status={status}
      className="min-h-5 px-1 text-muted-foreground text-xs"
    >
      {activityOf(status, connection) || typingOf(typing) || endOf(status, stopped)}
    </p>
  );
}

function typingOf([first, ...others]: readonly string[]): string {
  if (first === undefined) return '';
  return others.length === 0 ? `${first} is typing…` : `${first} and others are typing…`;
}

function activityOf(status: ChatStatus, connection: Connection): string {
  const busy = status === 'submitted' || status === 'streaming';
  if (busy && connection !== 'online' && connection !== 'idle')
    return 'No connection. The answer is written on, and will go on here.';
  if (status === 'submitted') return 'Waiting for the answer…';
  if (status === 'streaming') return 'Answering…';
  return '';
}

const endOf = (status: ChatStatus, stopped: boolean): string =>
  status === 'ready' && stopped ? 'Stopped. What was written is kept.' : '';
