import type { Environment } from '../environment.ts';

/**
 * React runs the clean-up of passive effects, in which `useChat` stops, right after that of layout
 * effects. What comes later than this is a stop by the user.
 */
const leavingMs = 1_000;

/** Which chats are shown, so that the abort of an unmount can be told from a stop. */
export interface MountTracker {
  /** Marks the chat as shown until the returned function is called. */
  add(chatId: string): () => void;
  has(chatId: string): boolean;
  /**
   * Called when a stream begins: what tells whether a component that showed its chat has gone just now.
   * That others show the chat says nothing of the one that the stream belongs to, and one that went
   * before the stream began does not either. Asked when the stream is aborted, and whoever asks later is
   * told the same: what a send waits for may take longer than a component needs to go.
   */
  begin(chatId: string): () => boolean;
}

export function createMountTracker({ now }: Environment): MountTracker {
  const mounted = new Map<object, string>();
  /** When chats were last left. */
  const left = new Map<string, { readonly at: number }>();
  return {
    add: (chatId) => {
      const mount = {};
      mounted.set(mount, chatId);
      return () => {
        if (mounted.delete(mount)) left.set(chatId, { at: now() });
      };
    },
    has: (chatId) => [...mounted.values()].includes(chatId),
    begin: (chatId) => {
      const before = left.get(chatId);
      let isLeaving: boolean | undefined;
      return () => {
        const last = left.get(chatId);
        // Another one is one that there is: none is ever forgotten. A clock that was set back makes no leave a new one.
        isLeaving ??=
          last !== before && Math.abs(now() - (last as { readonly at: number }).at) < leavingMs;
        return isLeaving;
      };
    },
  };
}
