'use client';

import { type KeyboardEvent, type ReactNode, type ToggleEvent, useId, useRef } from 'react';

export interface MenuItem {
  readonly label: string;
  /** What comes of it, in a line below. */
  readonly hint?: string;
  readonly icon?: ReactNode;
  readonly isDangerous?: boolean;
  /** What is done, or the address that is opened in a tab of its own. */
  readonly act: string | (() => void);
}

interface Props {
  readonly label: string;
  readonly items: readonly MenuItem[];
  /** What the button shows. */
  readonly children: ReactNode;
  /** How the button looks. */
  readonly className: string;
}

/** By which key one gets where, from the item at `at` of `count`. */
const steps: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowDown: (at, count) => (at + 1) % count,
  ArrowUp: (at, count) => (at - 1 + count) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

/** A button with a list of what else can be done. A popover: Escape and a press beside it close it. */
export function Menu({ label, items, children, className }: Props) {
  const id = useId();
  const menu = useRef<HTMLDivElement>(null);
  const all = () => [...(menu.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
  const onToggle = ({ newState }: ToggleEvent) => {
    if (newState === 'open') all()[0]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Tab') menu.current?.hidePopover();
    const found = all();
    const next = steps[event.key]?.(found.indexOf(event.target as HTMLElement), found.length);
    if (next === undefined) return;
    event.preventDefault();
    found[next]?.focus();
  };
  const open = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    menu.current?.showPopover({ source: event.currentTarget as HTMLElement });
  };
  return (
    <>
      <button
        type="button"
        popoverTarget={id}
        aria-haspopup="menu"
        aria-label={label}
        title={label}
        onKeyDown={open}
        className={className}
      >
        {children}
      </button>
      <div
        ref={menu}
        id={id}
        popover="auto"
        role="menu"
        tabIndex={-1}
        aria-label={label}
        data-menu
        onToggle={onToggle}
        onKeyDown={onKeyDown}
        className="min-w-48 max-w-[min(20rem,calc(100vw-1rem))] overflow-y-auto rounded-xl border bg-card p-1 text-foreground text-sm shadow-lg"
      >
        {items.map((item) => (
          <Item key={item.label} item={item} onClose={() => menu.current?.hidePopover()} />
        ))}
      </div>
    </>
  );
}

interface ItemProps {
  readonly item: MenuItem;
  readonly onClose: () => void;
}

function Item({ item: { label, hint, icon, isDangerous = false, act }, onClose }: ItemProps) {
  const shared = {
    role: 'menuitem',
    tabIndex: -1,
    className: `flex w-full items-start gap-2.5 rounded-lg px-2.5 py-2 text-start hover:bg-muted focus-visible:bg-muted focus-visible:outline-offset-[-2px] ${isDangerous ? 'text-danger' : ''}`,
  };
  const content = (
    <>
      {icon && <span className="flex h-5 items-center">{icon}</span>}
      <span className="min-w-0 flex-1">
        {label}
        {hint && <span className="block text-muted-foreground text-xs">{hint}</span>}
      </span>
    </>
  );
  if (typeof act === 'string')
    return (
      <a {...shared} href={act} target="_blank" rel="noopener" onClick={onClose}>
        {content}
      </a>
    );
  return (
    <button
      {...shared}
      type="button"
      onClick={() => {
        onClose();
        act();
      }}
    >
      {content}
    </button>
  );
}
