import {
  type AnswerResponse,
  type ClaimResponse,
  type HandoffResponse,
  HoldfastError,
  type Message,
  type QueueResponse,
  type SendRequest,
  type SteerResponse,
} from '@holdfast/protocol';
import type { Cancels } from '../connection/cancels.ts';
import type { OwnSend } from '../contract/session.ts';
import type { HoldfastChatTransport, SessionPage } from '../contract/transport.ts';
import type { Environment } from '../environment.ts';
import type { Complete } from '../http/complete.ts';
import type { Route } from '../http/route.ts';
import type { DetachedSends } from '../outbox/detached-sends.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Session } from '../session/contract.ts';
import { outcomeOf, toMessage, turnOrSteer } from './steer.ts';

export interface CommandsOptions {
  /** Throws when the transport is closed, and for an id that no chat can have. */
  readonly open: (chatId: string) => Session;
  readonly detached: DetachedSends;
  readonly outbox: Outbox;
  readonly cancels: Cancels;
  readonly route: Pick<Route, 'post'>;
  readonly complete: Complete;
  readonly history: (chatId: string) => Promise<SessionPage>;
  /** Fires when the transport closes. */
  readonly signal: AbortSignal;
  readonly environment: Pick<Environment, 'after' | 'mintId'>;
  readonly report: (error: unknown) => void;
}

/** How often an answer is given again that was refused because a run is live, and how soon at least. */
const answerTries = 20;
const pauseMs = 1_000;

/** Commands of a client besides sending, watching and stopping. */
export type Commands = Pick<
  HoldfastChatTransport,
  'answer' | 'arrange' | 'claim' | 'enqueue' | 'handOff' | 'post' | 'steer' | 'withdraw'
>;

export function createCommands(options: CommandsOptions): Commands {
  const { open, detached, route, signal } = options;
  const { after, mintId } = options.environment;

  const ask = <T>(chatId: string, verb: string, member: keyof T & string, body: object) => {
    open(chatId);
    return route.post<T>(chatId, verb, member, body);
  };

  /** Resolves once the session tells of no run that is live in the message. */
  async function runsEnd(session: Session, messageId: string): Promise<void> {
    const unlink = session.link();
    const isOver = () =>
      session.isLive && session.liveRuns().every((run) => run.messageId !== messageId);
    try {
      await session.caughtUp(signal);
      // The server's answer may be faster than the news of the run.
      if (isOver()) await new Promise<void>((resolve) => void after(pauseMs, resolve));
      await session.until(isOver, signal);
    } finally {
      unlink();
    }
  }

  const send = async (
    id: string,
    message: Message,
    wish: Pick<SendRequest, 'to' | 'wake' | 'whileBusy'>,
  ) => {
    open(id);
    const request = { id, command: message.id, trigger: 'submit-message', message } as const;
    return await detached.send(await options.complete({ ...request, ...wish }, {}));
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
        return await turnOrSteer(answer, session, signal, () => options.history(chatId));
      } finally {
        unlink();
      }
    },
    enqueue: async (chatId, given, { to } = {}) => {
      const message = toMessage(given, mintId);
      const answer = await send(chatId, message, { whileBusy: 'queue', to });
      return answer ?? { state: 'withdrawn', command: message.id };
    },
    post: async (chatId, given) => {
      const answer = await send(chatId, toMessage(given, mintId), { wake: false });
      return { state: answer ? 'posted' : 'withdrawn' };
    },
    withdraw: async (chatId, command) => {
      const session = open(chatId);
      let known: unknown;
      for (const act of session.acts)
        if (act.command === command) {
          known = act.state;
          session.move(act as OwnSend, 'withdrawn');
        }
      const state = options.outbox.withdraw(chatId, command);
      if (state === 'unknown') options.cancels.request(chatId, { command }).catch(options.report);
      return known === 'made' || state !== null;
    },
    handOff: async (chatId, to) =>
      (await ask<HandoffResponse>(chatId, 'handoff', 'operator', { to })).operator,
    arrange: async (chatId, wish) =>
      (await ask<QueueResponse>(chatId, 'queue', 'queue', wish)).queue,
    answer: async (chatId, messageId, answers) => {
      const body = { messageId, answers };
      for (let left = answerTries; ; left--)
        try {
          return (await ask<AnswerResponse>(chatId, 'answer', 'answers', body)).answers;
        } catch (error) {
          if (left === 1 || !HoldfastError.is(error) || error.code !== 'busy') throw error;
          await runsEnd(open(chatId), messageId);
        }
    },
    claim: async (chatId, call) => await ask<ClaimResponse>(chatId, 'claim', 'state', call),
  };
}
