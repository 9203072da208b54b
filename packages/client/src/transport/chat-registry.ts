/** Chats by id that outlive the components which show them. */
export interface ChatRegistry<CHAT> {
  /** The chat of that id, made at the first call. */
  get(id: string): CHAT;
  /** Forgets the chat, and neither stops nor closes it. False when there was none. */
  delete(id: string): boolean;
}

/**
 * Keeps chats outside of components: `useChat({ chat: chats.get(id) })` does not stop on unmount.
 * Made on a server, one registry would be shared by all users: make it in the browser.
 */
export function createChatRegistry<CHAT>(make: (id: string) => CHAT): ChatRegistry<CHAT> {
  const chats = new Map<string, CHAT>();
  return {
    get: (id) => {
      if (!chats.has(id)) chats.set(id, make(id));
      return chats.get(id) as CHAT;
    },
    delete: (id) => chats.delete(id),
  };
}
