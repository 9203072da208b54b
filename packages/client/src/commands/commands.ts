import { isSteering, type Message, type SendRequest } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { Cancels } from '../connection/cancels.ts';
import type { SteerMessage } from '../contract/commands.ts';
import type { OwnSend } from '../contract/session.ts';
import type { HoldfastChatTransport } from '../contract/transport.ts';
import type { Environment } from '../environment.ts';
import type { unable } from '../errors.ts';
import type { Complete } from '../http/complete.ts';
import type { Route } from '../http/route.ts';
import type { SendDetached } from '../outbox/detached-sends.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Session } from '../session/contract.ts';
import { hasReached } from '../session/position.ts';

export interface CommandsOptions {
  /** Throws when the transport is closed, and for an id that no chat can have. */
  readonly open: (chatId: string) => Session;
  readonly sendDetached: SendDetached;
  readonly outbox: Outbox;
  readonly cancels: Cancels;
  readonly route: Pick<Route, 'load' | 'post' | 'repeat'>;
  readonly complete: Complete;
  /** Fires when the transport closes. */
  readonly signal: AbortSignal;
  readonly environment: Pick<Environment, 'after' | 'mintId'>;
  readonly report: (error: unknown) => void;
  readonly unable: typeof unable;
}

/** What a client asks of a session besides sending, watching and stopping. */
export type Commands<UI_MESSAGE extends UIMessage> = Pick<
  HoldfastChatTransport<UI_MESSAGE>,
  | 'answer'
  | 'arrange'
  | 'claim'
  | 'enqueue'
  | 'handOff'
  | 'page'
  | 'post'
  | 'snapshot'
  | 'steer'
  | 'withdraw'
>;

/** Those that are loaded when one of them is called first: no page that only chats needs them. */
const requests = ['steer', 'handOff', 'arrange', 'answer', 'claim', 'snapshot', 'page'] as const;

type Request = (typeof requests)[number];

export function createCommands<UI_MESSAGE extends UIMessage>(
  options: CommandsOptions,
): Commands<UI_MESSAGE> {
  const { open, sendDetached, route } = options;
  const { mintId } = options.environment;

  const toMessage = (given: SteerMessage): Message => {
    const { id = mintId(), parts } =
      typeof given === 'string' ? { parts: [{ type: 'text', text: given }] } : given;
    return { id, role: 'user', parts };
  };

  const send = async (
    id: string,
    message: Message,
    wish: Pick<SendRequest, 'to' | 'wake' | 'whileBusy'>,
  ) => {
    open(id);
    const request = { id, command: message.id, trigger: 'submit-message', message } as const;
    return await sendDetached(await options.complete({ ...request, ...wish }, {}));
  };

  const loaded =
    (name: Request) =>
    async (...given: [chatId: string, ...unknown[]]): Promise<unknown> => {
      open(given[0]);
      const { createSessionRequests } = await route.load(() => import('./session-requests.ts'));
      const all = createSessionRequests({ ...options, toMessage, send, hasReached, isSteering });
      return await (all[name] as (...of: unknown[]) => Promise<unknown>)(...given);
    };
  const later: unknown = Object.fromEntries(requests.map((name) => [name, loaded(name)]));

  return {
    ...(later as Pick<Commands<UI_MESSAGE>, Request>),
    enqueue: async (chatId, given, { to } = {}) => {
      const message = toMessage(given);
      const answer = await send(chatId, message, { whileBusy: 'queue', to });
      return answer ?? { state: 'withdrawn', command: message.id };
    },
    post: async (chatId, given) => {
      const answer = await send(chatId, toMessage(given), { wake: false });
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
  };
}
