import type { PendingMessage, SessionAct } from '../contract/session.ts';

/** The messages among the acts that the server has not taken yet; the list before when it is the same. */
export function pendingOf(
  acts: ReadonlySet<SessionAct>,
  before: readonly PendingMessage[],
): readonly PendingMessage[] {
  const now = [...acts].flatMap(
    ({ command, message, phase: state, error, isTaken, isWithdrawn }) =>
      command && message && state && !isTaken && !isWithdrawn
        ? [{ command, message, state, ...(error && { error }) }]
        : [],
  );
  const isSame =
    now.length === before.length &&
    now.every(({ command, state, error }, at) => {
      const known = before[at];
      return known?.command === command && known.state === state && known.error === error;
    });
  return isSame ? before : now;
}
