import type { PresenceFrame } from '@holdfast/protocol';
import type { Environment } from '../environment.ts';
import { createTimers } from '../timers.ts';

/** A change is told at most this often, in ms. */
const quietMs = 1_000;
/** The time after which typing ends by itself, in ms. */
const idleMs = 5_000;

/** Tells that a user types, however often it is called. */
export interface Typing {
  set(isTyping: boolean): void;
  /** Nothing is told any more, but that who typed does no longer. */
  stop(): void;
}

export function createTyping(
  say: (state: PresenceFrame['state']) => void,
  environment: Environment,
): Typing {
  const timers = createTimers<'idle' | 'say'>(environment);
  let isTyping = false;
  /** The last message to the server, and when. */
  let said = { isTyping: false, at: Number.NEGATIVE_INFINITY };

  function tell(): void {
    if (isTyping === said.isTyping && !isTyping) return;
    // A clock that was set back is not waited for.
    const waitMs = quietMs - Math.abs(environment.now() - said.at);
    if (waitMs > 0) {
      // A repetition can be left out; a change cannot.
      if (isTyping !== said.isTyping) timers.set('say', waitMs, tell);
      return;
    }
    said = { isTyping, at: environment.now() };
    say(isTyping ? 'typing' : 'here');
  }

  function set(next: boolean): void {
    isTyping = next;
    timers.clear('idle');
    if (next) timers.set('idle', idleMs, () => set(false));
    tell();
  }

  return {
    set,
    stop: () => {
      timers.clear();
      // Where something else follows the session, each new socket would be told again of who typed last.
      if (said.isTyping) say('here');
    },
  };
}
