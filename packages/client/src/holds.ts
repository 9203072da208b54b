import type { Environment } from './environment.ts';

/**
 * React runs the clean-up of passive effects, in which `useChat` stops, right after that of layout
 * effects. What comes later than this is a stop by the user.
 */
const leavingMs = 1_000;

/** Which chats are shown, so that the abort of an unmount can be told from a stop. */
export interface Holds {
  /** Marks the chat as shown until the returned function is called. */
  take(chatId: string): () => void;
  /** Whether the chat was shown until just now. */
  isLeaving(chatId: string): boolean;
}

export function createHolds({ now }: Environment): Holds {
  const held = new Map<object, string>();
  /** When chats were last left. */
  const left = new Map<string, number>();
  return {
    take: (chatId) => {
      const hold = {};
      held.set(hold, chatId);
      return () => {
        if (held.delete(hold)) left.set(chatId, now());
      };
    },
    isLeaving: (chatId) =>
      ![...held.values()].includes(chatId) &&
      now() - (left.get(chatId) ?? Number.NEGATIVE_INFINITY) < leavingMs,
  };
}
