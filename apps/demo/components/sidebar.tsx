import { ChatList } from './chat-list.tsx';
import { AnchorIcon } from './icons.tsx';
import { NewChatButton } from './new-chat-button.tsx';
import { sidebarId } from './sidebar-id.ts';

/** On a phone it is a popover that the chat's header opens, without any script. */
export function Sidebar() {
  return (
    <>
      <aside className="hidden w-64 shrink-0 flex-col gap-4 border-r bg-sidebar p-3 md:flex">
        <SidebarContent />
      </aside>
      <aside
        id={sidebarId}
        popover="auto"
        className="inset-y-0 left-0 m-0 h-dvh w-72 max-w-[85vw] flex-col gap-4 border-r bg-sidebar p-3 text-foreground shadow-xl backdrop:bg-black/40 open:flex md:hidden"
      >
        <SidebarContent />
      </aside>
    </>
  );
}

function SidebarContent() {
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
      <p className="px-2 text-muted-foreground text-xs leading-relaxed">
        Whoever has a chat's address can read it. Share it with your phone, not with the world.
      </p>
    </>
  );
}
