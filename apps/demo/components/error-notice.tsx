'use client';

import { WarningIcon } from './icons.tsx';

interface Props {
  readonly message: string;
  /** Absent where there is nothing to repeat, or another place to do so. */
  readonly onRetry?: (() => void) | undefined;
  readonly onDismiss: () => void;
}

export function ErrorNotice({ message, onRetry, onDismiss }: Props) {
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-xl bg-danger-surface px-4 py-3 text-danger text-sm"
    >
      <WarningIcon className="size-5" />
      <p className="wrap-anywhere min-w-0 flex-1">{message}</p>
      <div className="flex gap-2">
        <button type="button" onClick={onDismiss} className="rounded-lg px-3 py-1.5">
          Dismiss
        </button>
        {onRetry && (
          <button
            type="button"
            onClick={onRetry}
            className="rounded-lg border border-current px-3 py-1.5 font-medium"
          >
            Try again
          </button>
        )}
      </div>
    </div>
  );
}
