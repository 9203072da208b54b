import type { PostedResponse, QueuedResponse, RunInfo, SendResponse } from '@holdfast/protocol';
import { abortError } from '../abort.ts';
import type { Session } from './contract.ts';
import { hasReached } from './position.ts';

/** True when a send waits for its turn. */
export const isQueued = ({ queue }: Pick<Session, 'queue'>, command: string): boolean =>
  queue.some(({ id }) => id === command);

/** True when the session tells of a send that was answered, or told of it before. */
export function isTold(
  answer: SendResponse | QueuedResponse | PostedResponse,
  session: Session,
): boolean {
  const { command, position, through } = answer as SendResponse;
  return (
    session.isIdle() ||
    session.runOf(command) !== undefined ||
    isQueued(session, command) ||
    hasReached(session, position, through)
  );
}

/**
 * Waits until a queued send has its run. Rejects with an `AbortError` when it was taken out of the
 * queue, and as {@link Session.until} does.
 */
export async function turnOf(
  { command, position }: QueuedResponse,
  session: Session,
  signal: AbortSignal,
): Promise<RunInfo> {
  return await session.until(() => {
    const run = session.runOf(command);
    if (run) return run;
    session.check();
    if (hasReached(session, position) && !isQueued(session, command)) throw abortError();
    return undefined;
  }, signal);
}
