import type { SendRequest } from '@holdfast/protocol';
import { onAbort } from '../abort.ts';
import { createChanges } from '../changes.ts';
import type { OwnSend, SendState } from '../contract/session.ts';
import { unable } from '../errors.ts';
import type { Answer, CallOptions, Route } from '../http/route.ts';
import type { KeptSends } from './kept-sends.ts';

/** Sends of one session that may be under way or waiting at the same time. */
const most = 100;

/** A send on its way to the server. */
interface OutgoingSend {
  readonly own: OwnSend;
  /** The whole of it, as it travels. */
  readonly request: SendRequest;
  readonly call: CallOptions;
  /** Ends the repetition; a request under way may still be heard. */
  readonly signal: AbortSignal;
  /** Called when its turn has come, and when that is not at once. */
  readonly move: (own: OwnSend, to: SendState) => void;
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
interface Waiting extends OutgoingSend {
  /** Fires when it is given up. */
  readonly ending: AbortController;
  answer?: Promise<Answer>;
}

export interface OutboxPorts {
  readonly route: Pick<Route, 'send'>;
  readonly kept: Pick<KeptSends, 'store'>;
}

export function createOutbox({ route, kept }: OutboxPorts): Outbox {
  /** In the order in which they were made. Of each session only the first is posted. */
  const all = new Set<Waiting>();
  const { notify, until } = createChanges();

  const laneOf = (session: string): readonly Waiting[] =>
    [...all].filter(({ request }) => request.id === session);

  const find = (session: string, command: string): Waiting | undefined =>
    laneOf(session).find(({ request }) => request.command === command);

  async function post(waiting: Waiting): Promise<Answer> {
    const { own, request: send, call, signal, move, ending } = waiting;
    const end = onAbort(signal, () => ending.abort());
    const keeping = kept.store?.keep(send, own);
    const isFirst = (): boolean => laneOf(send.id)[0] === waiting;
    let error: unknown;
    try {
      if (!isFirst()) move(own, 'waiting');
      await until(isFirst, ending.signal);
      move(own, 'sending');
      return await Promise.race([
        route.send(send, call, ending.signal, keeping?.isWanted),
        until<never>(() => null, ending.signal),
      ]);
    } catch (cause) {
      error = cause;
      throw cause;
    } finally {
      end();
      all.delete(waiting);
      keeping?.end(error);
      // Sends behind it may have been given up as well, each in its own time.
      ending.abort();
      notify();
    }
  }

  return {
    send: async (outgoing) => {
      const { id, command } = outgoing.request;
      const known = find(id, command);
      if (known) return await (known.answer as Promise<Answer>);
      if (laneOf(id).length >= most) throw unable('limit', `send: ${most} messages wait`);
      const waiting: Waiting = { ...outgoing, ending: new AbortController() };
      all.add(waiting);
      waiting.answer = post(waiting);
      return await waiting.answer;
    },
    withdraw: (session, command) => {
      const waiting = find(session, command);
      if (!waiting) return kept.store?.drop({ id: session, command }) ? 'unknown' : null;
      waiting.ending.abort();
      return waiting === laneOf(session)[0] || waiting.own.isStored ? 'unknown' : 'unsent';
    },
  };
}
