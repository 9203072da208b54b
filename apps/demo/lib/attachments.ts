import type { FileUIPart } from 'ai';

/** Files that wait to be sent with the next message of a chat, in the memory of the page. */
export interface Attachments {
  readonly subscribe: (listener: () => void) => () => void;
  /** The same list until it changes. */
  readonly of: (chat: string) => readonly FileUIPart[];
  readonly add: (chat: string, files: readonly FileUIPart[]) => void;
  readonly remove: (chat: string, file: FileUIPart) => void;
  /** Gives them to whoever sends them. */
  readonly take: (chat: string) => readonly FileUIPart[];
}

/** More than a message should have; what is beyond is not taken. */
export const mostFiles = 8;

const none: readonly FileUIPart[] = [];

export function createAttachments(): Attachments {
  const listeners = new Set<() => void>();
  const chats = new Map<string, readonly FileUIPart[]>();
  const of = (chat: string): readonly FileUIPart[] => chats.get(chat) ?? none;
  const put = (chat: string, files: readonly FileUIPart[]): void => {
    if (files.length > 0) chats.set(chat, files.slice(0, mostFiles));
    else chats.delete(chat);
    for (const listener of listeners) listener();
  };
  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    of,
    add: (chat, files) => put(chat, [...of(chat), ...files]),
    remove: (chat, file) =>
      put(
        chat,
        of(chat).filter((each) => each !== file),
      ),
    take: (chat) => {
      const files = of(chat);
      put(chat, none);
      return files;
    },
  };
}
