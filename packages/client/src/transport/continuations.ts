import type { SendRequest } from '@holdfast/protocol';
import { unable } from '../errors.ts';
import type { Session } from '../session/contract.ts';

/** How often in a row a message may go on with answers that a run has gone on with already. */
const most = 3;

/**
 * A bound that keeps a chat from going on for ever where a run that adds nothing to a completed message makes
 * `sendAutomaticallyWhen` ask for the same again. Resolves a macrotask later, since the run is known and
 * everything else about it happens in microtasks: nothing else of the page would run any more.
 */
export interface Continuations {
  /** Rejects with a `conflict` when the session was asked for nothing else the last times. */
  pass(session: Session, send: Pick<SendRequest, 'command' | 'continues'>): Promise<void>;
}

export function createContinuations(
  after: (ms: number, run: () => void) => unknown,
): Continuations {
  /** The last command of each session, as often as it came. */
  const last = new WeakMap<Session, readonly string[]>();
  return {
    pass: async (session, { command, continues }) => {
      const same = (last.get(session) ?? []).filter((each) => each === command);
      last.set(session, [...same, command]);
      if (!session.runOf(command)) return;
      if (same.length >= most && continues !== undefined)
        throw unable('conflict', 'go on: the run added nothing; see sendAutomaticallyWhen');
      await new Promise<void>((resolve) => void after(0, resolve));
    },
  };
}
