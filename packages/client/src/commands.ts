import type {
  AnswerResponse,
  CancelState,
  ClaimResponse,
  HandoffResponse,
  Message,
  QueueResponse,
  SendRequest,
  SteerResponse,
} from '@holdfast/protocol';
import type { CancelTarget } from './connection/cancels.ts';
import type { HoldfastChatTransport, SessionPage } from './contract.ts';
import type { Route } from './http/route.ts';
import type { Carrier } from './outbox/carrier.ts';
import type { Outbox } from './outbox/outbox.ts';
import type { Session } from './session/contract.ts';
import { outcomeOf, toMessage, turnOrSteer } from './steer.ts';

export interface CommandsOptions {
  /** Throws when the transport is closed, and for an id that no chat can have. */
  readonly open: (chatId: string) => Session;
  readonly carry: Carrier['carry'];
  readonly withdraw: Outbox['withdraw'];
  readonly cancel: (chatId: string, target: CancelTarget) => Promise<CancelState>;
  readonly route: Pick<Route, 'complete' | 'post'>;
  readonly history: (chatId: string) => Promise<SessionPage>;
  /** Fires when the transport closes. */
  readonly signal: AbortSignal;
  readonly mintId: () => string;
  readonly report: (error: unknown) => void;
}

/** What a client can do in a session besides sending, watching and stopping. */
export type Commands = Pick<
  HoldfastChatTransport,
  'answer' | 'arrange' | 'claim' | 'enqueue' | 'handOff' | 'post' | 'steer' | 'withdraw'
>;

export function createCommands(options: CommandsOptions): Commands {
  const { open, carry, route, signal, mintId } = options;

  function ask<T>(
    chatId: string,
    verb: string,
    member: keyof T & string,
    body: object,
  ): Promise<T> {
    return route.post<T>(chatId, verb, member, body, signal);
  }

  const send = async (
    id: string,
    message: Message,
    wish: Pick<SendRequest, 'to' | 'wake' | 'whileBusy'>,
  ) => {
    const base = { id, command: message.id, trigger: 'submit-message', message } as const;
    return await carry(await route.complete({ ...base, ...wish }, {}));
  };

  return {
    steer: async (chatId, steer, { run, otherwise } = {}) => {
      const session = open(chatId);
      const message = toMessage(steer, mintId);
      const unlink = session.link();
      try {
        if (otherwise !== 'queue')
          return await outcomeOf(
            message.id,
            session,
            () => ask<SteerResponse>(chatId, 'steer', 'state', { message, run }),
            signal,
          );
        const answer = await send(chatId, message, { whileBusy: 'steer' });
        if (!answer) return { state: 'withdrawn' };
        if (answer.state !== 'queued') return { state: 'queued' };
        const history = () => options.history(chatId);
        return await turnOrSteer(message.id, answer, session, signal, history);
      } finally {
        unlink();
      }
    },
    enqueue: async (chatId, given, { to } = {}) => {
      open(chatId);
      const message = toMessage(given, mintId);
      const addressed = to === undefined ? {} : { to };
      const answer = await send(chatId, message, { whileBusy: 'queue', ...addressed });
      return answer ?? { state: 'withdrawn', command: message.id };
    },
    post: async (chatId, given) => {
      open(chatId);
      const answer = await send(chatId, toMessage(given, mintId), { wake: false });
      return { state: answer ? 'posted' : 'withdrawn' };
    },
    withdraw: async (chatId, command) => {
      const session = open(chatId);
      for (const act of session.acts)
        if (act.command === command && !act.isTaken) session.mark(act, { isWithdrawn: true });
      const state = options.withdraw(chatId, command);
      if (state === 'unknown') options.cancel(chatId, { command }).catch(options.report);
      return state !== null;
    },
    handOff: async (chatId, to) => {
      open(chatId);
      return (await ask<HandoffResponse>(chatId, 'handoff', 'operator', { to })).operator;
    },
    arrange: async (chatId, wish) => {
      open(chatId);
      return (await ask<QueueResponse>(chatId, 'queue', 'queue', wish)).queue;
    },
    answer: async (chatId, messageId, answers) => {
      open(chatId);
      const body = { messageId, answers };
      return (await ask<AnswerResponse>(chatId, 'answer', 'answers', body)).answers;
    },
    claim: async (chatId, call) => {
      open(chatId);
      return await ask<ClaimResponse>(chatId, 'claim', 'state', call);
    },
  };
}
