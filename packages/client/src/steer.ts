import type { Message, SteerResponse } from '@holdfast/protocol';
import type { FileUIPart, TextUIPart } from 'ai';
import type { Session } from './session/contract.ts';

/** A message for a run: its text, or parts, with an id of its own that makes repeating it safe. */
export type SteerMessage =
  | string
  | { readonly id?: string; readonly parts: readonly (TextUIPart | FileUIPart)[] };

/**
 * What became of it. `consumed`: the model was given it. `unconsumed`: the run ended before that.
 * `ended`: there was no such live run, and nothing was written.
 */
export interface SteerOutcome {
  readonly state: 'consumed' | 'unconsumed' | 'ended';
  /** Absent when there was none. */
  readonly run?: string;
}

export const toMessage = (steer: SteerMessage, mintId: () => string): Message => {
  const { id = mintId(), parts } =
    typeof steer === 'string' ? { parts: [{ type: 'text', text: steer }] } : steer;
  return { id, role: 'user', parts };
};

/** Sends the message and waits until it is known what became of it, which the session tells. */
export async function outcomeOf(
  id: string,
  session: Session,
  send: () => Promise<SteerResponse>,
  signal: AbortSignal,
): Promise<SteerOutcome> {
  for (;;) {
    const { state, run } = await send();
    if (state !== 'waiting') return { state, ...(run === undefined ? {} : { run }) };
    const steerOf = () =>
      session.runs.flatMap(({ steers = [] }) => steers).find((each) => each.id === id);
    await session.caughtUp(signal);
    // The answer to the request may be faster than the entry.
    let wasTold = false;
    await session.until(() => {
      const steer = steerOf();
      if (steer || !session.isLive) wasTold = true;
      return steer ? steer.state !== 'waiting' : session.isLive && wasTold;
    }, signal);
    const now = steerOf()?.state;
    // A run that is not told of any more has ended: the server knows how.
    if (now !== undefined && now !== 'waiting')
      return { state: now, ...(run === undefined ? {} : { run }) };
  }
}
