import type { PendingMessage, SessionAct } from '../contract/session.ts';

/** An act as a user sees it; nothing where the server has it, or nobody waits for it. */
function shown({ command, message, state }: SessionAct): readonly PendingMessage[] {
  if (!command || !message) return [];
  if (state === 'waiting' || state === 'sending') return [{ command, message, state }];
  return typeof state === 'object'
    ? [{ command, message, state: 'refused', error: state.refused }]
    : [];
}

/** The messages among the acts that the server has not taken yet; the list before when it is the same. */
export function pendingOf(
  acts: ReadonlySet<SessionAct>,
  before: readonly PendingMessage[],
): readonly PendingMessage[] {
  const now = [...acts].flatMap(shown);
  const isSame =
    now.length === before.length &&
    now.every(({ command, state, error }, at) => {
      const known = before[at];
      return known?.command === command && known.state === state && known.error === error;
    });
  return isSame ? before : now;
}
