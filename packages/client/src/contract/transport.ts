import type {
  Author,
  CancelState,
  Chunk,
  ClaimResponse,
  QueuedSend,
  RunInfo,
  Writers,
} from '@holdfast/protocol';
import type { ChatTransport, UIMessage } from 'ai';
import type {
  Addressed,
  Arrangement,
  CallClaim,
  CancelTarget,
  Enqueued,
  Posted,
  SteerMessage,
  SteerOptions,
  SteerOutcome,
} from './commands.ts';
import type { ConnectionView } from './connection.ts';
import type { SyncedSession } from './session.ts';

/** A session as the server has it. */
export interface SessionSnapshot<UI_MESSAGE extends UIMessage = UIMessage>
  extends SessionPage<UI_MESSAGE> {
  /** Live runs, and those of the last message. */
  readonly runs: readonly RunInfo[];
  /** The position that the page shows. Opaque. */
  readonly position: string;
}

/** Messages of a session, oldest first. */
export interface SessionPage<UI_MESSAGE extends UIMessage = UIMessage> {
  /** Oldest first. */
  readonly messages: UI_MESSAGE[];
  /** Their writers by message id, as far as the server knows. */
  readonly authors: Writers;
  /** The cursor of what is older; null when nothing is. */
  readonly before: string | null;
}

/**
 * The transport of `useChat` and `Chat`. Streams go on over lost sockets and end when their run
 * does: normally when it finished or failed, with an `AbortError` behind the last chunk when it was
 * stopped by anybody, with a {@link HoldfastError} `unavailable` when its agent was lost or
 * `conflict` when the log lost what was shown, and with a `TypeError` ("network …") when the
 * gateway refuses the connection for good.
 *
 * What is repeated over lost connections is tried 20 times, with up to 10 s between, and every 30 s for as long as
 * the host calls itself offline; a try may take 30 s, and longer for what is large. Then it rejects with a
 * `TypeError` ("network …"), or with what the server said last. Of one chat at most 100 sends wait; one more is
 * refused as `limit`.
 */
export interface HoldfastChatTransport<UI_MESSAGE extends UIMessage = UIMessage>
  extends ChatTransport<UI_MESSAGE> {
  /** Tells the SDK that a resumed stream begins at the start of the reply. */
  readonly resumeStreamIsReplay: true;
  /** The state of the connection that all chats of this transport share. */
  readonly connection: ConnectionView;
  /**
   * The session as far as it is known, the same object while something uses it. It is filled while the session is
   * followed.
   */
  session(chatId: string): SyncedSession;
  /**
   * Stops a run for everybody: by its id, by the command that asked for it, or, without a target,
   * every live run and every send under way. Repeated over lost sockets until the log has it, without a bound;
   * `finished` means that it came too late. Rejects with a {@link HoldfastError} when it was refused. Asking twice
   * is asking once.
   */
  cancel(chatId: string, target?: CancelTarget): Promise<CancelState>;
  /**
   * Sends a message to a run that is under way, the newest where none is named; the model is given it
   * at its next step. Repeated over lost connections. Resolves once it is known what became of it, which may be at
   * the end of the run, and rejects with a {@link HoldfastError} when it was refused.
   */
  steer(chatId: string, message: SteerMessage, options?: SteerOptions): Promise<SteerOutcome>;
  /**
   * Sends a message that waits while the session is busy, whatever the chat shows; without one it
   * starts at once. Repeated over lost connections. Rejects with a {@link HoldfastError} when it was
   * refused, and when the server's `whileBusy` does something else with it. `to` names the agent that is
   * to answer.
   */
  enqueue(chatId: string, message: SteerMessage, options?: Addressed): Promise<Enqueued>;
  /**
   * Writes a message for the people of the session: no agent is woken, and the model is given it with the
   * next run. Repeated over lost connections. Rejects with a {@link HoldfastError} when it was refused.
   */
  post(chatId: string, message: SteerMessage): Promise<Posted>;
  /**
   * Has this participant, an operator, answer in the place of the agents, or the agents again. Resolves
   * with who answers then, null for the agents. Repeated over lost connections. Rejects with a
   * {@link HoldfastError}: `forbidden` for who is no operator, and `conflict` when another operator answers.
   */
  handOff(chatId: string, to: 'me' | 'agents'): Promise<Author | null>;
  /**
   * Reorders the queue, or takes sends out of it; resolves with the queue as it is then. Ids that do not wait any
   * more change nothing. Repeated over lost connections. Rejects with a {@link HoldfastError} when it was refused.
   */
  arrange(chatId: string, arrangement: Arrangement): Promise<readonly QueuedSend[]>;
  /**
   * Takes back a message that the server has not answered yet: true when it was still on its way. It may
   * have arrived all the same; then its run is stopped, and the message stays. False when there is no
   * such message any more: what the server has is stopped with `cancel`, or taken out of the queue.
   */
  withdraw(chatId: string, command: string): Promise<boolean>;
  /**
   * Gives outputs of client tools, and responses to approvals, without asking for a run: for what other
   * devices still have to add to. Resolves with the answers that stand, which for a call that was
   * answered before is the first one. Repeated over lost connections, and where a run is live that may
   * answer by itself, when it has ended; rejects with a {@link HoldfastError} when they were refused.
   */
  answer(chatId: string, messageId: string, answers: readonly Chunk[]): Promise<readonly Chunk[]>;
  /**
   * Asks to be the one client that executes a tool call; `syncChat` and the hooks do that for their
   * `tools`. What is `held` has to be claimed again within `leaseMs`; `release` gives it up. Repeated
   * over lost connections; rejects with a {@link HoldfastError} when the call is not there.
   */
  claim(chatId: string, call: CallClaim): Promise<ClaimResponse>;
  /**
   * The newest messages, and the runs, as the server has them: `pageMessages` of them. Asked for once, and given up
   * after 30 s. Rejects with a {@link HoldfastError}, `unavailable` when there was no answer. What asks is loaded with
   * the first of these requests, which is tried again, and fails as a network does.
   */
  snapshot(chatId: string): Promise<SessionSnapshot<UI_MESSAGE>>;
  /**
   * Messages older than a cursor, `pageMessages` of them or up to `limit` (of 1 to `pageLimit`). Asked for once, as
   * `snapshot` is. Rejects with a {@link HoldfastError}: `conflict` or `bad_request` when the cursor is no good any
   * more.
   */
  page(chatId: string, before: string, limit?: number): Promise<SessionPage<UI_MESSAGE>>;
  /**
   * Says that the chat is shown, follows its session, and tells others that its participant is there,
   * until the returned function is called. An abort within the second after that is taken for an
   * unmount and only detaches. Behind `close`, and for an id that no chat can have, it follows nothing.
   */
  hold(chatId: string): () => void;
  /**
   * Begins anew after a sign-in: with a token that is asked for anew, for every chat that is followed,
   * also one that was refused, and with the stored messages that were refused because of who asked.
   * Not needed where `token` gives another token by then, or when the page is shown again. Does nothing
   * behind `close`.
   */
  reconnect(): void;
  /**
   * Closes the socket and ends everything under way: streams, sends and cancels end with an
   * `AbortError`. Runs go on. Later calls reject as `unavailable`.
   */
  close(): void;
}
