'use client';

import type { Arrangement, QueuedSend } from '@holdfast/client';
import { ArrowUpIcon, CloseIcon } from './icons.tsx';
import { words } from './steers.tsx';

interface Props {
  readonly queue: readonly QueuedSend[];
  readonly onArrange: (arrangement: Arrangement) => void;
}

const buttonClass =
  'inline-flex size-8 items-center justify-center rounded-lg hover:bg-accent hover:text-foreground';

/** Messages that wait for their turn: every client sees them, and any may change them. */
export function Queue({ queue, onArrange }: Props) {
  if (queue.length === 0) return null;
  return (
    <ol aria-label="Waiting for their turn" className="space-y-1">
      {queue.map(({ id, messages }, at) => {
        const text = messages.map(({ parts }) => words(parts)).join(' ');
        return (
          <li
            key={id}
            data-testid="queued"
            className="flex items-center gap-1 rounded-xl border border-dashed py-1 pr-1 pl-3 text-muted-foreground text-sm"
          >
            <span dir="auto" className="min-w-0 flex-1 truncate">
              {text}
            </span>
            {at > 0 && (
              <button
                type="button"
                aria-label={`Ask first: ${text}`}
                title="Ask this first"
                onClick={() => onArrange({ order: [id] })}
                className={buttonClass}
              >
                <ArrowUpIcon className="size-4" />
              </button>
            )}
            <button
              type="button"
              aria-label={`Do not ask: ${text}`}
              title="Take it out"
              onClick={() => onArrange({ remove: [id] })}
              className={buttonClass}
            >
              <CloseIcon className="size-4" />
            </button>
          </li>
        );
      })}
    </ol>
  );
}
