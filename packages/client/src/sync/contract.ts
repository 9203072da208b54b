import type { Author, Presence, QueuedSend, RunInfo, Writer } from '@holdfast/protocol';
import type { ChatStatus, UIMessage } from 'ai';
import type { Observable } from '../changes.ts';
import type { PendingMessage } from '../contract/session.ts';
import type { HoldfastChatTransport } from '../contract/transport.ts';

/**
 * The part of a chat that is kept in step: a `Chat` of any of the SDK's packages, or anything of that
 * shape. With `setMessages`, what it gives its function is taken for the live list, and `messages` and
 * `status` may be a render behind.
 */
export interface SyncedChat<UI_MESSAGE extends UIMessage = UIMessage> {
  /** Id of the chat, which is that of the session. */
  readonly id: string;
  /** The messages that the chat shows; set where they are to be others. */
  messages: UI_MESSAGE[];
  /** Messages are set only while it is `ready` or `error`. */
  readonly status: ChatStatus;
  /** Called where a run is live whose stream the chat does not have. */
  readonly resumeStream: () => Promise<void>;
  /** Given answers that others gave, so that the chat looks whether it is to go on. */
  readonly addToolOutput?: (output: never) => unknown;
  /** Given responses to approvals that others gave. */
  readonly addToolApprovalResponse?: (response: never) => unknown;
  /** Sets the messages, where the chat keeps them elsewhere than in `messages`. */
  readonly setMessages?: (
    messages: UI_MESSAGE[] | ((messages: UI_MESSAGE[]) => UI_MESSAGE[]),
  ) => void;
}

/** The part of a transport that is used: one of any message type fits. */
export type SyncTransport = Pick<
  HoldfastChatTransport,
  'answer' | 'claim' | 'hold' | 'page' | 'session'
>;

/** The state of a session that its chat does not know. */
export interface ChatSyncState {
  /** Runs of this chat, whoever started them: live ones, and those of the last message. */
  readonly runs: readonly RunInfo[];
  /** Messages that wait for their turn, the next one first. */
  readonly queue: readonly QueuedSend[];
  /** The operator who answers in place of the agents; null when nobody does. */
  readonly operator: Author | null;
  /** Messages of this client that the server has not taken yet, oldest first. */
  readonly pending: readonly PendingMessage[];
  /**
   * The writer of a message, as the server established it: nothing in it is a client's word. Undefined for one
   * that the server does not have yet, and for what the session began with. Another function when it changes.
   */
  readonly authorOf: (messageId: string) => Writer | undefined;
  /** The participants who have the session open now. */
  readonly participants: readonly Presence[];
  /** True when the session has older messages than the chat shows. */
  readonly hasOlder: boolean;
  /** True while older messages are being fetched. */
  readonly isLoadingOlder: boolean;
  /**
   * Ids of messages of whose long texts the chat shows the end only: what is in front of that is loaded by `loadWhole`.
   * Another list when they are others.
   */
  readonly cut: readonly string[];
  /** True while the chat shows all that the server has told; false before the first answer and offline. */
  readonly isSynced: boolean;
}

/** A chat that follows its session until it is stopped. */
export interface ChatSync extends Observable<ChatSyncState> {
  /** Ends the following. Streams of the chat go on, and so do runs; twice is once. */
  stop(): void;
  /**
   * Puts older messages in front, as many as the server says or up to `limit` (of 1 to `pageLimit`).
   * Resolves with whether there are more; at once with false when there are none. A call while another
   * is under way shares its outcome. Rejects with a `HoldfastError` and changes nothing. Where the
   * session was cut off or made anew meanwhile, it is read anew first. Stopped meanwhile, it changes nothing.
   */
  loadOlder(limit?: number): Promise<boolean>;
  /**
   * Loads the texts of a message of `cut` whole, and shows it so. Resolves at once where all of it is shown. A call
   * for the same message while another is under way shares its outcome. Rejects with a `HoldfastError` and changes
   * nothing. Stopped meanwhile, it changes nothing.
   */
  loadWhole(messageId: string): Promise<void>;
  /**
   * Tells others that the user types, or no longer does; without a further call for 5 s no longer. Told once a
   * second at most. Does nothing behind `stop`.
   */
  setTyping(isTyping: boolean): void;
  /** Looks at the chat again: for ports whose `messages` and `status` change with a render. */
  refresh(): void;
}
