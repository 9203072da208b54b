'use client';

import type { ChatStatus } from 'ai';

interface Props {
  readonly status: ChatStatus;
  /** What goes on, or how it ended. */
  readonly words: string;
  /** Whether that is more urgent than who is typing. */
  readonly isUrgent: boolean;
  /** Names of others who are writing a message. */
  readonly typing: readonly string[];
}

/** Tells in words what goes on; also to screen readers, which do not read every word of an answer. */
export function StatusLine({ status, words, isUrgent, typing }: Props) {
  return (
    <p
      role="status"
      data-testid="status"
      data-status={status}
      className="min-h-5 px-1 text-muted-foreground text-xs"
    >
      {isUrgent ? words : typingOf(typing) || words}
    </p>
  );
}

function typingOf([first, ...others]: readonly string[]): string {
  if (first === undefined) return '';
  return others.length === 0 ? `${first} is typing…` : `${first} and others are typing…`;
}
