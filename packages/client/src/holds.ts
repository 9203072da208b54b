import type { Environment } from './environment.ts';
import { createTimers } from './timers.ts';

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
  close(): void;
}

export function createHolds(environment: Environment): Holds {
  const held = new Map<object, string>();
  const leaving = createTimers<string>(environment);
  return {
    take: (chatId) => {
      const hold = {};
      leaving.clear(chatId);
      held.set(hold, chatId);
      return () => {
        if (held.delete(hold) && ![...held.values()].includes(chatId))
          leaving.set(chatId, leavingMs, () => {});
      };
    },
    isLeaving: leaving.has,
    close: leaving.clear,
  };
}
