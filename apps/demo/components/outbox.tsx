'use client';

import type { PendingMessage } from '@holdfast/client';
import { IconButton } from './icon-button.tsx';
import { CloseIcon } from './icons.tsx';
import { words } from './steers.tsx';
import { WaitingRow } from './waiting-row.tsx';

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
        <WaitingRow key={command} state="unsent" testId="pending" text={words(parts) || 'Files'}>
          {upload && (
            <progress
              aria-label={`Upload of ${upload.filename ?? 'a file'}`}
              value={upload.sent}
              max={upload.total}
              className="h-1.5 w-20 accent-primary"
            />
          )}
          <IconButton
            label={`Take back: ${words(parts)}`}
            title="Take it back"
            onClick={() => onWithdraw(command)}
          >
            <CloseIcon />
          </IconButton>
        </WaitingRow>
      ))}
    </ol>
  );
}
