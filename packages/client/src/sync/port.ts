import type { UIMessage } from 'ai';
import type { SyncedChat } from './contract.ts';

/** Reads and changes the messages of a chat, whichever way it offers. */
export interface ChatPort<UI_MESSAGE extends UIMessage> {
  /** As they are, or as they were rendered last. */
  read(): readonly UI_MESSAGE[];
  /** Writes what `change` makes of the live list, unless that is the list itself. */
  write(change: (live: readonly UI_MESSAGE[]) => readonly UI_MESSAGE[]): void;
}

export function createPort<UI_MESSAGE extends UIMessage>(
  chat: SyncedChat<UI_MESSAGE>,
): ChatPort<UI_MESSAGE> {
  return {
    read: () => chat.messages,
    write: (change) => {
      const shown = chat.messages;
      const next = change(shown);
      // A reader of a list that was rendered looks again after the next render.
      if (next === shown) return;
      if (chat.setMessages) chat.setMessages((live) => [...change(live)]);
      else chat.messages = [...next];
    },
  };
}
