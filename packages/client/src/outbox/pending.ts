import type { PendingMessage, SessionAct } from '../contract/session.ts';

/** An act as a user sees it; none where the server has it, or it is not on its way yet. */
function shownOf({ command, message, state, upload }: SessionAct): PendingMessage | null {
  if (!command || !message) return null;
  if (typeof state === 'object') return { command, message, state: 'refused', ...state };
  return state === 'waiting' || state === 'sending' ? { command, message, state, upload } : null;
}

/** The messages among the acts that the server has not taken yet; the list before when it is the same. */
export function pendingOf(
  acts: ReadonlySet<SessionAct>,
  before: readonly PendingMessage[],
): readonly PendingMessage[] {
  const now = [...acts].flatMap((act) => shownOf(act) ?? []);
  const isSame =
    now.length === before.length &&
    now.every(({ command, state, error, upload }, at) => {
      const known = before[at];
      return (
        known?.command === command &&
        known.state === state &&
        known.error === error &&
        known.upload === upload
      );
    });
  return isSame ? before : now;
}
