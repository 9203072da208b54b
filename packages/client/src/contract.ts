import type { CancelState, HoldfastError, RunInfo } from '@holdfast/protocol';
import type { ChatTransport, UIMessage } from 'ai';
import type { Observable } from './changes.ts';
import type { CancelTarget } from './connection/cancels.ts';
import type { ConnectionStatus } from './connection/status.ts';

/** What a client knows of a session that it follows. */
export interface SessionView extends Observable<readonly RunInfo[]> {
  /** Live runs, and those of the last message. */
  readonly runs: readonly RunInfo[];
  /** The last entry that was applied; null before the first answer. Opaque. */
  readonly position: string | null;
}

/** A session as the server has it. */
export interface SessionSnapshot<UI_MESSAGE extends UIMessage = UIMessage> {
  readonly messages: UI_MESSAGE[];
  readonly runs: readonly RunInfo[];
  readonly position: string;
}

/**
 * The transport of `useChat` and `Chat`. Streams go on over lost sockets and end when their run
 * does: normally when it finished or failed, with an `AbortError` behind the last chunk when it was
 * stopped by anybody, with a {@link HoldfastError} `unavailable` when its agent was lost or
 * `conflict` when the log lost what was shown, and with a `TypeError` ("network …") when the
 * gateway refuses the connection for good.
 */
export interface HoldfastChatTransport<UI_MESSAGE extends UIMessage = UIMessage>
  extends ChatTransport<UI_MESSAGE> {
  readonly resumeStreamIsReplay: true;
  /** The state of the connection that all chats of this transport share. */
  readonly connection: Observable<ConnectionStatus>;
  /** What is known of a session. It is filled while the session is followed. */
  session(chatId: string): SessionView;
  /**
   * Stops a run for everybody: by its id, by the command that asked for it, or, without a target,
   * every live run and every send under way. Repeated over lost sockets until the log has it;
   * `finished` means that it came too late. Rejects with a {@link HoldfastError} when it was refused.
   */
  cancel(chatId: string, target?: CancelTarget): Promise<CancelState>;
  /** The messages and runs as the server has them. Rejects with a {@link HoldfastError}. */
  snapshot(chatId: string): Promise<SessionSnapshot<UI_MESSAGE>>;
  /**
   * Says that the chat is shown, and follows its session, until the returned function is called. An
   * abort within the second after that is taken for an unmount and only detaches.
   */
  hold(chatId: string): () => void;
  /**
   * Closes the socket and ends everything under way: streams, sends and cancels end with an
   * `AbortError`. Runs go on. Later calls reject as `unavailable`.
   */
  close(): void;
}
