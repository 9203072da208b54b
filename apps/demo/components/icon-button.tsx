import type { ComponentProps, ReactNode } from 'react';

interface Props extends Omit<ComponentProps<'button'>, 'children' | 'type' | 'aria-label'> {
  /** What the button does, for screen readers, and as a tooltip where `title` is not another one. */
  readonly label: string;
  readonly children: ReactNode;
}

export function IconButton({ label, children, className = '', ...rest }: Props) {
  return (
    <button
      title={label}
      {...rest}
      type="button"
      aria-label={label}
      className={`inline-flex size-8 shrink-0 items-center justify-center rounded-md text-muted-foreground transition-colors hover:bg-muted hover:text-foreground disabled:opacity-40 ${className}`}
    >
      {children}
    </button>
  );
}
