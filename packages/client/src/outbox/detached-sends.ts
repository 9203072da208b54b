import type { OwnSend } from '../contract/session.ts';
import type { Completed } from '../http/completed.ts';
import type { Answer } from '../http/route.ts';
import type { Sessions } from '../session/sessions.ts';
import { isTold } from '../session/turns.ts';
import type { KeptSends } from './kept-sends.ts';
import type { Outbox } from './outbox.ts';

export interface DetachedSendsOptions {
  readonly outbox: Outbox;
  readonly kept: KeptSends;
  readonly sessions: Pick<Sessions, 'get'>;
  /** Fires when the transport closes. */
  readonly signal: AbortSignal;
}

/** Posts a send that no stream waits for, and shows it until the session tells of it. Null when it was taken back. */
export type SendDetached = (send: Completed, isStored?: true) => Promise<Answer | null>;

export function createDetachedSends({
  outbox,
  kept,
  sessions,
  signal,
}: DetachedSendsOptions): SendDetached {
  return async ({ request, call }, isStored) => {
    const { id, command, message, whileBusy } = request;
    const session = sessions.get(id);
    const isQueued = whileBusy ? true : undefined;
    const own: OwnSend = { command, message, isQueued, isStored, state: 'made' };
    const end = session.begin(own);
    try {
      const answer = await outbox.send({
        own,
        request,
        call,
        signal,
        move: session.move,
      });
      session.move(own, 'taken');
      void session.until(() => isTold(answer, session)).then(end);
      return answer;
    } catch (error) {
      if (kept.store?.holds(request, error, end)) session.move(own, { error });
      else end();
      if (own.state === 'withdrawn') return null;
      throw error;
    }
  };
}
