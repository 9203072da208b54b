import {
  isSteering,
  type Message,
  type QueuedResponse,
  type Steer,
  type SteerResponse,
} from '@holdfast/protocol';
import type { SteerMessage, SteerOutcome } from '../contract/commands.ts';
import type { SessionPage } from '../contract/transport.ts';
import type { Session } from '../session/contract.ts';
import { hasReached } from '../session/position.ts';

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
    if (state !== 'waiting') return toldOf(session, state, run);
    const steerOf = () => steerIn(session, id);
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
    if (now !== undefined && now !== 'waiting') return toldOf(session, now, run);
  }
}

const steerIn = (session: Session, id: string): Steer | undefined =>
  session.runs.flatMap(({ steers = [] }) => steers).find((each) => each.id === id);

function toldOf(
  session: Session,
  state: 'consumed' | 'unconsumed' | 'ended',
  run: string | undefined,
): SteerOutcome {
  const ended = session.runs.find((each) => each.run === run)?.state;
  const isEnd = state === 'unconsumed' && ended !== undefined && ended !== 'running';
  return { state, run, reason: isEnd ? ended : undefined };
}

/**
 * Waits until a message that is in the queue too has reached a model, or has to wait for its turn. The
 * command that it was sent by is its id.
 */
export async function turnOrSteer(
  { command, position }: QueuedResponse,
  session: Session,
  signal: AbortSignal,
  snapshot: () => Promise<SessionPage>,
): Promise<SteerOutcome> {
  await session.caughtUp(signal);
  const state = await session.until(() => {
    const steer = steerIn(session, command);
    if (steer?.state === 'consumed') return 'consumed';
    const item = session.queue.find(({ id }) => id === command);
    // The run is told right behind the queue; its answer may have come before both.
    const waits = steer
      ? steer.state === 'waiting'
      : session.liveRuns().some(({ run }) => run === item?.run);
    if (session.runOf(command) || (item && !waits)) return 'queued';
    return hasReached(session, position) && !item && 'gone';
  }, signal);
  if (state !== 'gone') return { state };
  // This client was away while it happened: what became of it stands in the messages.
  const { messages } = await snapshot();
  if (messages.some((message) => message.id === command)) return { state: 'queued' };
  const isThere = messages.some(({ parts }) =>
    parts.some((part) => isSteering(part.type) && (part as { id?: unknown }).id === command),
  );
  return { state: isThere ? 'consumed' : 'withdrawn' };
}
