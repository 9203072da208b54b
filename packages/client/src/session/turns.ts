import type { PostedResponse, QueuedResponse, RunInfo, SendResponse } from '@holdfast/protocol';
import { abortError } from '../abort.ts';
import type { Session } from './contract.ts';
import { hasReached } from './position.ts';

/**
 * What became of a message that may wait: its run has begun, it has its place in the queue, it is there
 * without a run because an operator answers, or it was taken back before the server had it.
 */
export interface Enqueued {
  readonly state: 'queued' | 'posted' | 'withdrawn' | RunInfo['state'];
  /** The command under which its run starts; what the queue names it by. */
  readonly command: string;
}

/** What became of a message for people: the session has it, or it was taken back before. */
export interface Posted {
  readonly state: 'posted' | 'withdrawn';
}

/** Whom a message is for, where the server has several agents. */
export interface Addressed {
  readonly to?: string;
}

/** Another order of the queue; ids are those of the queue. */
export interface Arrangement {
  /** What is to come first, in this order; what is not named stays behind it as it was. */
  readonly order?: readonly string[];
  /** Taken out for good. */
  readonly remove?: readonly string[];
}

/** Whether the session tells of a send that was answered, or told of it before. */
export function isTold(
  answer: SendResponse | QueuedResponse | PostedResponse,
  session: Session,
): boolean {
  const { command, position } = answer;
  const last = 'run' in answer && answer.through;
  const through = last ? `${position.split(':')[0]}:${last}` : position;
  return (
    session.isIdle() ||
    session.runOf(command) !== undefined ||
    session.queue.some(({ id }) => id === command) ||
    (session.isLive && hasReached(session.position, through))
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
    const isTold = session.isLive && hasReached(session.position, position);
    if (isTold && !session.queue.some(({ id }) => id === command)) throw abortError();
    return undefined;
  }, signal);
}
