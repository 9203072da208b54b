'use client';

import { type ReactNode, useEffect, useRef, useState } from 'react';
import { ArrowDownIcon } from './icons.tsx';

/** How near to the end counts as being there, in px. */
const near = 80;

interface Props {
  /** Whenever this grows the reader has acted, and wants to see what comes of it. */
  readonly acts: number;
  readonly children: ReactNode;
}

/** Scrolls along with what is added, unless the reader has scrolled up. */
export function StickToBottom({ acts, children }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const sticks = useRef(true);
  const [away, setAway] = useState(false);
  useEffect(() => {
    const { current: outer } = scroller;
    const { current: inner } = content;
    if (!outer || !inner) return;
    const follow = () => {
      if (sticks.current) outer.scrollTop = outer.scrollHeight;
    };
    const sizes = new ResizeObserver(follow);
    sizes.observe(inner);
    sizes.observe(outer);
    follow();
    return () => sizes.disconnect();
  }, []);

  useEffect(() => {
    const { current: outer } = scroller;
    if (acts === 0 || !outer) return;
    sticks.current = true;
    outer.scrollTop = outer.scrollHeight;
  }, [acts]);

  const onScroll = () => {
    const { current: outer } = scroller;
    if (!outer) return;
    sticks.current = outer.scrollHeight - outer.scrollTop - outer.clientHeight < near;
    setAway(!sticks.current);
  };
  const toEnd = () => scroller.current?.scrollTo({ top: scroller.current.scrollHeight });

  return (
    <div className="relative min-h-0 flex-1">
      <div ref={scroller} data-scroller onScroll={onScroll} className="h-full overflow-y-auto">
        <div ref={content} className="mx-auto flex min-h-full max-w-3xl flex-col px-4 py-6">
          {children}
        </div>
      </div>
      {away && (
        <button
          type="button"
          aria-label="Scroll to the end"
          onClick={toEnd}
          className="-translate-x-1/2 absolute bottom-3 left-1/2 inline-flex size-9 items-center justify-center rounded-full border bg-card shadow-md"
        >
          <ArrowDownIcon />
        </button>
      )}
    </div>
  );
}
