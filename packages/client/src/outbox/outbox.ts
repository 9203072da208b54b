import type { SendRequest } from '@holdfast/protocol';
import { abortError, onAbort } from '../abort.ts';
import { unable } from '../errors.ts';
import type { Answer, CallOptions, Route } from '../http/route.ts';
import { type OutboxEvent, type OutboxState, outboxStep, type Phase } from './state.ts';
import type { SendStore } from './storage.ts';

/** Sends of one session that may be under way or waiting at the same time. */
const most = 100;

/** A send on its way to the server. */
export interface OutgoingSend {
  readonly send: SendRequest;
  readonly call: CallOptions;
  /** Ends the repetition; a request under way may still be heard. */
  readonly signal: AbortSignal;
  /** Told when its turn has come, and when that is not at once. */
  readonly tell: (phase: Phase) => void;
  /** It was taken from the storage, where another page may have taken it out meanwhile. */
  readonly isStored?: boolean;
}

/** The sends of all sessions: those of one session go out in the order in which they were made. */
export interface Outbox {
  /**
   * Posts the send when those before it were answered, and repeats it (HF-HTTP-1). Rejects as the route
   * does, with an `AbortError` when the signal fires or it is withdrawn, and as `limit`. The same
   * command again, while it is here, is the same send.
   */
  send(outgoing: OutgoingSend): Promise<Answer>;
  /** Takes it back. `unsent`: it never left; `unknown`: it may have; null: it is not here. */
  withdraw(session: string, command: string): 'unsent' | 'unknown' | null;
}

interface Entry {
  readonly isStored: boolean;
  readonly begin: () => void;
  readonly drop: () => void;
}

interface Lane {
  state: OutboxState;
  readonly entries: Map<string, Entry>;
  readonly answers: Map<string, Promise<Answer>>;
}

/** With `closing`, sends end and stay in the storage for the next page. */
export function createOutbox(
  route: Pick<Route, 'send'>,
  store: SendStore | null,
  now: () => number,
  closing: AbortSignal,
): Outbox {
  const lanes = new Map<string, Lane>();
  let lastAt = 0;

  /** What was made in the same millisecond keeps its order. */
  function nextAt(): number {
    lastAt = Math.max(now(), lastAt + 1);
    return lastAt;
  }

  function laneOf(session: string): Lane {
    const lane = lanes.get(session) ?? { state: [], entries: new Map(), answers: new Map() };
    lanes.set(session, lane);
    return lane;
  }

  function step(session: string, lane: Lane, event: OutboxEvent): void {
    const { state, effects } = outboxStep(lane.state, event);
    lane.state = state;
    for (const { type, command } of effects) {
      const entry = lane.entries.get(command);
      if (type === 'post') entry?.begin();
      else entry?.drop();
    }
    if (state.length === 0 && lanes.get(session) === lane) lanes.delete(session);
  }

  async function carry(lane: Lane, outgoing: OutgoingSend): Promise<Answer> {
    const { send, call, signal, tell, isStored = false } = outgoing;
    const { id: session, command } = send;
    const ending = new AbortController();
    const end = onAbort(signal, () => ending.abort());
    // Edits rely on what their sender has seen; a later page has seen something else.
    const kept = send.after === undefined ? store : null;
    if (!isStored) kept?.save({ send, at: nextAt() });
    try {
      return await new Promise<Answer>((resolve, reject) => {
        onAbort(ending.signal, () => reject(abortError()));
        if (ending.signal.aborted) return;
        const begin = (): void => {
          // Those behind it are given up as well, each in its own time.
          if (ending.signal.aborted) return;
          tell('sending');
          // What a storage did not take was not taken out of it either.
          const isWanted = isStored && kept ? () => kept.has(send) : () => true;
          route.send(send, call, ending.signal, isWanted).then(resolve, reject);
        };
        lane.entries.set(command, { isStored, begin, drop: () => ending.abort() });
        step(session, lane, { type: 'added', command });
        if (lane.state[0]?.command !== command) tell('waiting');
      });
    } finally {
      end();
      lane.entries.delete(command);
      lane.answers.delete(command);
      if (!closing.aborted) kept?.remove(send);
      step(session, lane, { type: 'settled', command });
    }
  }

  return {
    send: (outgoing) => {
      const { id: session, command } = outgoing.send;
      const lane = laneOf(session);
      const known = lane.answers.get(command);
      if (known !== undefined) return known;
      if (lane.state.length >= most)
        return Promise.reject(
          unable('limit', `send: ${most} messages wait already; try again later`),
        );
      const answer = carry(lane, outgoing);
      lane.answers.set(command, answer);
      return answer;
    },
    withdraw: (session, command) => {
      const lane = lanes.get(session);
      const entry = lane?.entries.get(command);
      const item = lane?.state.find((each) => each.command === command);
      if (!lane || !entry || !item) return null;
      step(session, lane, { type: 'withdrawn', command });
      return item.phase === 'sending' || entry.isStored ? 'unknown' : 'unsent';
    },
  };
}
