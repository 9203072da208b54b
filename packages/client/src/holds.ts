import type { Environment } from './environment.ts';
import { Timers } from './timers.ts';

/**
 * React runs the clean-up of passive effects, in which `useChat` stops, right after that of layout
 * effects. What comes later than this is a stop by the user.
 */
const leavingMs = 1_000;

/** Which chats are shown, so that the abort of an unmount can be told from a stop. */
export class Holds {
  readonly #counts = new Map<string, number>();
  readonly #leaving: Timers<string>;

  constructor(environment: Environment) {
    this.#leaving = new Timers(environment);
  }

  /** Marks the chat as shown until the returned function is called. */
  take(chatId: string): () => void {
    let isHeld = true;
    this.#leaving.clear(chatId);
    this.#counts.set(chatId, (this.#counts.get(chatId) ?? 0) + 1);
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const left = (this.#counts.get(chatId) ?? 1) - 1;
      if (left > 0) {
        this.#counts.set(chatId, left);
        return;
      }
      this.#counts.delete(chatId);
      this.#leaving.set(chatId, leavingMs, () => {});
    };
  }

  /** Whether the chat was shown until just now. */
  isLeaving(chatId: string): boolean {
    return this.#leaving.has(chatId);
  }

  close(): void {
    this.#leaving.clear();
  }
}
