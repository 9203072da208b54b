'use client';

import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { ArrowDownIcon } from './icons.tsx';

/** How near to the end counts as being there, in px. */
const near = 80;

/** How far it scrolls, in px. */
const endOf = ({ scrollHeight, clientHeight }: Element): number => scrollHeight - clientHeight;

interface Props {
  /** The last question; when it is another one, what comes of it is to be seen. */
  readonly asked: string | undefined;
  /** The first thing that is shown; when it changes, more was put in front of it. */
  readonly first: string | undefined;
  readonly children: ReactNode;
}

/**
 * Scrolls along with what is added, unless the reader has scrolled up. What is asked while the page is open goes to
 * the top: from then on the last turn has the whole height, so that its answer grows into room that is there already.
 */
export function StickToBottom({ asked, first, children }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  // What greets a visitor is read from its top.
  const sticks = useRef(first !== undefined);
  const [away, setAway] = useState(false);
  const [isAsked, setAsked] = useState(false);
  const [atFirst] = useState(asked);
  if (!isAsked && asked !== undefined && asked !== atFirst) setAsked(true);
  const shown = useRef({ first, height: 0 });
  // Where the end was in the last frame, in px.
  const painted = useRef(0);

  // What is put in front must not move what the reader looks at. Not all browsers see to that.
  useLayoutEffect(() => {
    const { current: outer } = scroller;
    if (!outer) return;
    const { scrollHeight: height } = outer;
    if (shown.current.first !== first && !sticks.current)
      outer.scrollTop += height - shown.current.height;
    shown.current = { first, height };
  });
  useEffect(() => {
    const { current: outer } = scroller;
    const { current: inner } = content;
    if (!outer || !inner) return;
    const follow = () => {
      if (sticks.current) outer.scrollTop = outer.scrollHeight;
      painted.current = endOf(outer);
    };
    const sizes = new ResizeObserver(follow);
    sizes.observe(inner);
    sizes.observe(outer);
    follow();
    return () => sizes.disconnect();
  }, []);

  useLayoutEffect(() => {
    const { current: outer } = scroller;
    if (asked === undefined || !outer) return;
    sticks.current = true;
    outer.scrollTop = outer.scrollHeight;
  }, [asked]);

  const onScroll = () => {
    const { current: outer } = scroller;
    if (!outer) return;
    const isNear = (end: number) => end - outer.scrollTop < near;
    // A browser tells of a scroll in the next frame. What became longer or less high since then is not the reader's doing.
    if (isNear(endOf(outer))) sticks.current = true;
    else if (!isNear(painted.current)) sticks.current = false;
    setAway(!sticks.current);
  };
  const toEnd = () => scroller.current?.scrollTo({ top: scroller.current.scrollHeight });

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        data-scroller
        onScroll={onScroll}
        className="h-full overflow-y-auto [container-type:size] [overflow-anchor:none]"
      >
        <div
          ref={content}
          data-asked={isAsked || undefined}
          className="mx-auto flex min-h-full max-w-3xl flex-col px-4 py-6"
        >
          {children}
        </div>
      </div>
      {away && (
        <button
          type="button"
          aria-label="Scroll to the end"
          onClick={toEnd}
          className="absolute inset-x-0 bottom-3 mx-auto inline-flex size-9 items-center justify-center rounded-full border bg-card shadow-md"
        >
          <ArrowDownIcon />
        </button>
      )}
    </div>
  );
}
