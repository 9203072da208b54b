import type { Message, SendRequest } from '@holdfast/protocol';
import { withAnswers } from '@holdfast/protocol/answers';
import type { Environment } from '../environment.ts';
import type { unable } from '../errors.ts';
import type { Session } from '../session/contract.ts';

// Loaded with the first send that goes on with a message, and never before. It imports nothing that the page has
// already, so that it is one piece for every bundler.

/** How often in a row a message may go on with answers that a run has gone on with already. */
const most = 3;

export interface ContinuationPorts {
  readonly environment: Pick<Environment, 'after'>;
  readonly unable: typeof unable;
}

/** The last command of each session, as often as it came. */
const last = new WeakMap<Session, readonly string[]>();

/**
 * The send with its answers. A bound keeps a chat from going on for ever where a run that adds nothing to a completed
 * message makes `sendAutomaticallyWhen` ask for the same again: rejects when the session was asked for nothing else
 * the last times. Resolves a macrotask later where the run is known, since everything else about it happens in
 * microtasks: nothing else of the page would run any more.
 */
export async function continued(
  session: Session,
  draft: SendRequest,
  messages: readonly Message[],
  { environment, unable }: ContinuationPorts,
): Promise<SendRequest> {
  const send = withAnswers(draft, messages);
  const { command } = send;
  const same = (last.get(session) ?? []).filter((each) => each === command);
  last.set(session, [...same, command]);
  const state = session.runOf(command)?.state;
  // One that has come to a bad end is asked for again by the user.
  if (state !== 'running' && state !== 'finished') return send;
  if (same.length >= most)
    throw unable('conflict', 'go on: the run added nothing; see sendAutomaticallyWhen');
  await new Promise<void>((resolve) => void environment.after(0, resolve));
  return send;
}
