import type { Theme } from '../lib/theme.ts';
import { ChatList } from './chat-list.tsx';
import { Drawer } from './drawer.tsx';
import { AnchorIcon } from './icons.tsx';
import { NewChatButton } from './new-chat-button.tsx';
import { ThemeSwitch } from './theme-switch.tsx';

/** Beside the chat, and on a phone in a drawer. */
export function Sidebar({ theme }: { readonly theme: Theme }) {
  return (
    <>
      <aside className="hidden w-64 shrink-0 flex-col gap-4 border-e bg-sidebar p-3 md:flex">
        <SidebarContent theme={theme} />
      </aside>
      <Drawer>
        <SidebarContent theme={theme} />
      </Drawer>
    </>
  );
}

function SidebarContent({ theme }: { readonly theme: Theme }) {
  return (
    <>
      <p className="flex items-center gap-2 px-2 pt-1 font-semibold">
        <AnchorIcon className="size-5 text-primary" />
        Holdfast
      </p>
      <NewChatButton />
      <nav aria-label="Chats" className="-mx-1 min-h-0 flex-1 overflow-y-auto px-1">
        <ChatList />
      </nav>
      <ThemeSwitch theme={theme} />
      <p className="px-2 text-muted-foreground text-xs leading-relaxed">
        Whoever has a chat's address can read it. Share it with your phone, not with the world.
      </p>
    </>
  );
}
