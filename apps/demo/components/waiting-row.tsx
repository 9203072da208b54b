import type { ReactNode } from 'react';
import { type Waiting, waitingWords } from '../lib/sending.ts';

interface Props {
  readonly state: Waiting;
  readonly testId: string;
  readonly text: string;
  /** What can be done about it. */
  readonly children?: ReactNode;
}

/** A message that no answer was begun to, with what it waits for. */
export function WaitingRow({ state, testId, text, children }: Props) {
  return (
    <li
      data-testid={testId}
      className="flex min-h-10 items-center gap-2.5 rounded-xl border border-dashed py-1 ps-3 pe-1 text-muted-foreground text-sm"
    >
      <span
        className={`shrink-0 rounded-md px-1.5 py-0.5 text-xs ${state === 'unsent' ? 'bg-warning-surface text-warning' : 'bg-accent text-accent-foreground'}`}
      >
        {waitingWords[state]}
      </span>
      <span dir="auto" data-testid={`${testId}-text`} className="min-w-0 flex-1 truncate">
        {text}
      </span>
      {children}
    </li>
  );
}
