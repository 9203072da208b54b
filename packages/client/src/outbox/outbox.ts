import { HoldfastError, type SendRequest } from '@holdfast/protocol';
import { abortError, onAbort } from '../abort.ts';
import type { Phase } from '../contract/session.ts';
import { unable } from '../errors.ts';
import type { Answer, CallOptions, Route } from '../http/route.ts';
import type { SendStore } from './storage.ts';

/** Sends of one session that may be under way or waiting at the same time. */
const most = 100;

/** A send on its way to the server. */
interface OutgoingSend {
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
   * Posts the send when those before it were answered, and repeats it (HF-HTTP-13). Rejects as the route
   * does, with an `AbortError` when the signal fires or it is withdrawn, and as `limit`. The same
   * command again, while it is here, is the same send. What is refused for who asks stays in the storage.
   */
  send(outgoing: OutgoingSend): Promise<Answer>;
  /** Takes it back. `unsent`: it never left; `unknown`: it may have; null: it is not here. */
  withdraw(session: string, command: string): 'unsent' | 'unknown' | null;
}

/** A send that the server has not taken yet. */
interface Waiting {
  readonly command: string;
  readonly isStored: boolean;
  /** Posts it: its turn has come. */
  readonly begin: () => void;
  readonly drop: () => void;
  answer?: Promise<Answer>;
}

export interface OutboxPorts {
  readonly route: Pick<Route, 'send'>;
  readonly store: SendStore | null;
  readonly now: () => number;
  /** Ends sends, which stay in the storage for the next page. */
  readonly closing: AbortSignal;
}

/** A refusal of who asks is not one of what is asked (HF-CONN-11). */
export const isOfAsker = (error: unknown): error is HoldfastError =>
  HoldfastError.is(error) && ['unauthorized', 'forbidden'].includes(error.code);

export function createOutbox({ route, store, now, closing }: OutboxPorts): Outbox {
  /** By their sessions, in the order in which they were made: only the first is posted. */
  const lanes = new Map<string, Waiting[]>();
  let lastAt = 0;

  /** A time for a send. Sends of the same millisecond keep their order. */
  function nextAt(): number {
    lastAt = Math.max(now(), lastAt + 1);
    return lastAt;
  }

  function laneOf(session: string): Waiting[] {
    const lane = lanes.get(session) ?? [];
    lanes.set(session, lane);
    return lane;
  }

  function leave(session: string, lane: Waiting[], waiting: Waiting | undefined): void {
    const at = lane.indexOf(waiting as Waiting);
    if (at >= 0) lane.splice(at, 1);
    if (at === 0) lane[0]?.begin();
    if (lane.length === 0 && lanes.get(session) === lane) lanes.delete(session);
  }

  async function post(lane: Waiting[], outgoing: OutgoingSend): Promise<Answer> {
    const { send, call, signal, tell, isStored = false } = outgoing;
    const { id: session, command } = send;
    const ending = new AbortController();
    const end = onAbort(signal, () => ending.abort());
    // Edits rely on what their sender has seen; a later page has seen something else.
    const kept = send.after === undefined && !send.transcript ? store : null;
    if (!isStored) kept?.save({ send, at: nextAt() });
    let waiting: Waiting | undefined;
    let isKept = false;
    try {
      return await new Promise<Answer>((resolve, reject) => {
        onAbort(ending.signal, () => reject(abortError()));
        if (ending.signal.aborted) return;
        const begin = (): void => {
          // Sends behind it are given up as well, each in its own time.
          if (ending.signal.aborted) return;
          tell('sending');
          // A send that a storage did not take was not taken out of it either.
          const isWanted = () => !isStored || !kept || kept.has(send);
          route.send(send, call, ending.signal, isWanted).then(resolve, reject);
        };
        waiting = { command, isStored, begin, drop: () => ending.abort() };
        if (lane.push(waiting) === 1) begin();
        else tell('waiting');
      });
    } catch (error) {
      isKept = isOfAsker(error);
      throw error;
    } finally {
      end();
      if (!closing.aborted && !isKept) kept?.remove(send);
      leave(session, lane, waiting);
    }
  }

  return {
    send: async (outgoing) => {
      const { id: session, command } = outgoing.send;
      const lane = laneOf(session);
      const known = lane.find((waiting) => waiting.command === command)?.answer;
      if (known) return await known;
      if (lane.length >= most) throw unable('limit', `send: ${most} messages wait`);
      const answer = post(lane, outgoing);
      const waiting = lane.find((each) => each.command === command);
      if (waiting) waiting.answer = answer;
      return await answer;
    },
    withdraw: (session, command) => {
      const lane = lanes.get(session) ?? [];
      const waiting = lane.find((each) => each.command === command);
      const stored = { id: session, command } as SendRequest;
      if (!waiting && store?.has(stored)) {
        store.remove(stored);
        return 'unknown';
      }
      if (!waiting) return null;
      waiting.drop();
      return waiting === lane[0] || waiting.isStored ? 'unknown' : 'unsent';
    },
  };
}
