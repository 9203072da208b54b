import type { Author, CancelState, QueuedSend } from '@holdfast/protocol';
import type {
  Addressed,
  Arrangement,
  Enqueued,
  Posted,
  SteerMessage,
  SteerOptions,
  SteerOutcome,
} from '../contract/commands.ts';
import type { HoldfastChatTransport } from '../contract/transport.ts';

/**
 * Commands of a component in its session, for the chat that it shows when they are called. Each is repeated, resolves
 * and rejects as the one of that name of the transport does, `stop` as `cancel`.
 */
export interface SessionCommands {
  /** Stops every live run of this chat for everybody; resolves once that is in the log. */
  readonly stop: () => Promise<CancelState>;
  /** Sends a message to the run that is under way; resolves once it is known what became of it. */
  readonly steer: (message: SteerMessage, options?: SteerOptions) => Promise<SteerOutcome>;
  /** Sends a message that waits while the session is busy. */
  readonly enqueue: (message: SteerMessage, options?: Addressed) => Promise<Enqueued>;
  /** Writes a message for the people of the session, which wakes no agent. */
  readonly post: (message: SteerMessage) => Promise<Posted>;
  /** Has this participant, an operator, answer in the place of the agents, or the agents again. */
  readonly handOff: (to: 'me' | 'agents') => Promise<Author | null>;
  /**
   * Takes back a message of `pending`, by its command: true when it was still on its way, and false when
   * the server has it.
   */
  readonly withdraw: (command: string) => Promise<boolean>;
  /** Reorders the queue, or takes messages out of it. */
  readonly arrange: (arrangement: Arrangement) => Promise<readonly QueuedSend[]>;
}

/** The part of a transport that they use: one of any message type fits. */
export type CommandTransport = Pick<
  HoldfastChatTransport,
  'arrange' | 'cancel' | 'enqueue' | 'handOff' | 'post' | 'steer' | 'withdraw'
>;

/** Commands for the chat that is shown when they are called. */
export const commandsOf = (chatId: () => string, transport: CommandTransport): SessionCommands => ({
  stop: () => transport.cancel(chatId()),
  steer: (message, options) => transport.steer(chatId(), message, options),
  enqueue: (message, options) => transport.enqueue(chatId(), message, options),
  post: (message) => transport.post(chatId(), message),
  handOff: (to) => transport.handOff(chatId(), to),
  withdraw: (command) => transport.withdraw(chatId(), command),
  arrange: (arrangement) => transport.arrange(chatId(), arrangement),
});
