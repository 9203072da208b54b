import type { PendingMessage, SessionAct } from '../contract.ts';

/** The messages among the acts that the server has not taken yet; the list before when it is the same. */
export function pendingOf(
  acts: ReadonlySet<SessionAct>,
  before: readonly PendingMessage[],
): readonly PendingMessage[] {
  const now = [...acts].flatMap(({ command, message, phase: state, isTaken, isWithdrawn }) =>
    command && message && state && !isTaken && !isWithdrawn ? [{ command, message, state }] : [],
  );
  const isSame =
    now.length === before.length &&
    now.every(({ command, state }, at) => {
      const known = before[at];
      return known?.command === command && known.state === state;
    });
  return isSame ? before : now;
}
