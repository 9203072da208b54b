import type { ReactNode } from 'react';

interface Props {
  readonly isOn: boolean;
  readonly title: string;
  readonly onFlip: () => void;
  readonly children: ReactNode;
}

/** A switch that says what it does when it is on; what it is on for is a warning. */
export function Switch({ isOn, title, onFlip, children }: Props) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={isOn}
      title={title}
      onClick={onFlip}
      className={`inline-flex items-center gap-2 whitespace-nowrap rounded-full border px-2.5 py-1 text-xs transition-colors ${isOn ? 'border-warning bg-warning-surface text-warning' : 'bg-card text-muted-foreground hover:text-foreground'}`}
    >
      <span
        aria-hidden="true"
        className={`relative h-3.5 w-6 rounded-full transition-colors forced-color-adjust-none forced-colors:border forced-colors:border-[ButtonText] ${isOn ? 'bg-warning forced-colors:bg-[Highlight]' : 'bg-muted-foreground/60 forced-colors:bg-[Canvas]'}`}
      >
        <span
          className={`absolute start-0.5 top-0.5 size-2.5 rounded-full bg-background transition-transform forced-colors:start-px forced-colors:top-px ${isOn ? 'translate-x-2.5 rtl:-translate-x-2.5 forced-colors:bg-[HighlightText]' : 'forced-colors:bg-[ButtonText]'}`}
        />
      </span>
      {children}
    </button>
  );
}
