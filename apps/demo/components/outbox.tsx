'use client';

import type { PendingMessage } from '@holdfast/client';
import { CloseIcon } from './icons.tsx';
import { words } from './steers.tsx';

interface Props {
  readonly pending: readonly PendingMessage[];
  readonly onWithdraw: (command: string) => void;
}

/** Messages that have not reached the server yet; they are sent by themselves when they can be. */
export function Outbox({ pending, onWithdraw }: Props) {
  if (pending.length === 0) return null;
  return (
    <ol aria-label="Not sent yet" className="space-y-1">
      {pending.map(({ command, message: { parts }, upload }) => (
        <li
          key={command}
          data-testid="pending"
          className="flex items-center gap-2 rounded-xl border border-dashed py-1 pr-1 pl-3 text-muted-foreground text-sm"
        >
          <span className="text-warning text-xs">Not sent yet</span>
          <span dir="auto" data-testid="pending-text" className="min-w-0 flex-1 truncate">
            {words(parts) || 'Files'}
          </span>
          {upload && (
            <progress
              aria-label={`Upload of ${upload.filename ?? 'a file'}`}
              value={upload.sent}
              max={upload.total}
              className="h-1.5 w-20 accent-primary"
            />
          )}
          <button
            type="button"
            aria-label={`Take back: ${words(parts)}`}
            title="Take it back"
            onClick={() => onWithdraw(command)}
            className="inline-flex size-8 items-center justify-center rounded-lg hover:bg-accent hover:text-foreground"
          >
            <CloseIcon className="size-4" />
          </button>
        </li>
      ))}
    </ol>
  );
}
