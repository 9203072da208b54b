'use client';

import { usePathname } from 'next/navigation';
import { type MouseEvent, type ReactNode, useEffect, useRef } from 'react';
import { sidebarId } from './sidebar-id.ts';

/**
 * The list of chats on a phone: a popover that the chat's header opens, without any script. A link to a
 * chat closes it, also where that chat is the one behind it, and so does whatever leads to another page.
 */
export function Drawer({ children }: { readonly children: ReactNode }) {
  const drawer = useRef<HTMLElement>(null);
  const path = usePathname();
  const close = () => drawer.current?.hidePopover();
  useEffect(close, [path]);
  const onClick = ({ target }: MouseEvent) => {
    if (target instanceof Element && target.closest('a')) close();
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: links make clicks of keys
    <aside
      ref={drawer}
      id={sidebarId}
      popover="auto"
      onClick={onClick}
      className="inset-y-0 start-0 end-auto m-0 h-dvh w-72 max-w-[85vw] flex-col gap-4 border-e bg-sidebar pt-[max(0.75rem,env(safe-area-inset-top))] pr-[max(0.75rem,env(safe-area-inset-right))] pb-[max(0.75rem,env(safe-area-inset-bottom))] pl-[max(0.75rem,env(safe-area-inset-left))] text-foreground shadow-xl backdrop:bg-black/40 open:flex md:hidden"
    >
      {children}
    </aside>
  );
}
