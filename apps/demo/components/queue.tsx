'use client';

import type { Arrangement, QueuedSend } from '@holdfast/client';
import { IconButton } from './icon-button.tsx';
import { ArrowUpIcon, CloseIcon } from './icons.tsx';
import { words } from './steers.tsx';
import { WaitingRow } from './waiting-row.tsx';

interface Props {
  readonly queue: readonly QueuedSend[];
  readonly onArrange: (arrangement: Arrangement) => void;
}

/** Messages that wait for their turn: every client sees them, and any may change them. */
export function Queue({ queue, onArrange }: Props) {
  if (queue.length === 0) return null;
  return (
    <ol aria-label="Waiting for their turn" className="space-y-1">
      {queue.map(({ id, messages }, at) => {
        const text = messages.map(({ parts }) => words(parts)).join(' ');
        return (
          <WaitingRow key={id} state={at === 0 ? 'next' : 'later'} testId="queued" text={text}>
            {at > 0 && (
              <IconButton
                label={`Ask first: ${text}`}
                title="Ask this first"
                onClick={() => onArrange({ order: [id] })}
              >
                <ArrowUpIcon />
              </IconButton>
            )}
            <IconButton
              label={`Do not ask: ${text}`}
              title="Take it out"
              onClick={() => onArrange({ remove: [id] })}
            >
              <CloseIcon />
            </IconButton>
          </WaitingRow>
        );
      })}
    </ol>
  );
}
