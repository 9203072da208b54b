import type {
  Author,
  Chunk,
  ClosedFrame,
  EntryFrame,
  HoldfastError,
  Message,
  ParticipantsFrame,
  PresenceFrame,
  QueuedSend,
  RunInfo,
  SnapshotFrame,
} from '@holdfast/protocol';
import type { WrittenSegment } from '@holdfast/protocol/projection';
import type { Observable } from '../changes.ts';

/**
 * News of a session, in order: first a whole snapshot (`more` is false), and again whenever
 * what was told before is to be forgotten; behind it each entry of the log once, and who is there.
 * A snapshot without an epoch says that the server knows no such session.
 */
export type SessionNews = SnapshotFrame | EntryFrame | ParticipantsFrame | ClosedFrame;

/** The knowledge of a client about a session that it follows. Listeners are told of changes of every member. */
export interface SessionView extends Observable<readonly RunInfo[]> {
  /** Live runs, and those of the last message. */
  readonly runs: readonly RunInfo[];
  /** Sends that wait for their turn, the next one first. */
  readonly queue: readonly QueuedSend[];
  /** The operator who answers in place of the agents; null when nobody does. */
  readonly operator: Author | null;
  /** The last entry that was applied; null before the first answer. Opaque. */
  readonly position: string | null;
  /** True while everything that the log holds is known. */
  readonly isLive: boolean;
  /** Tells all that comes from now on; returns what ends that. It is `hold` that makes it come. */
  watch(tell: (news: SessionNews) => void): () => void;
}

/** A session as `syncChat` and the hooks have it, which keep a chat in step with it. */
export interface SyncedSession extends SessionView {
  /** Acts of this client in the session that the log does not show yet, oldest first. */
  readonly acts: ReadonlySet<SessionAct>;
  /** Streams of this client that are not delivered to their end. */
  readonly streams: ReadonlySet<{ readonly messageId: string }>;
  /** Commands of the last 8 runs that the user stopped to watch in this client. */
  readonly left: readonly string[];
  /** The list that the chat was made to show, or had when it sent last, so that a send tells what was changed since. */
  shown: readonly Message[];
  /** True while something keeps a chat in step with the session. */
  isKept: boolean;
  /** What the server signed the addresses of its files with; absent where their readers have cookies. */
  query?: string | undefined;
  /** Asks for a snapshot in the place of what is known, at most once a second. */
  startOver(): void;
  /** Throws where nothing comes of waiting for what the session tells: it was refused, or no socket opens. */
  check(): void;
  /** Tells the transport's `onError` of a fault that no caller gets to see. */
  report(error: unknown): void;
  /**
   * Puts the texts into chunks that references in them stand for; one that cannot be had stays as it is, and is told.
   */
  fetched(chunks: Chunk[]): Promise<readonly Chunk[]>;
  /** What is held of messages for their streams; undefined where nobody is told of the session. */
  held(): ReadonlyMap<string, readonly WrittenSegment[]> | undefined;
  /** Ends the streams of a message, of which another text is to be shown. */
  reopen(messageId: string): void;
  /** Tells others how this client's participant is there: said again on every new socket. */
  present(state: PresenceFrame['state']): void;
}

/** A send of this client, or the stream of a live run that a chat is asking for. */
export type SessionAct = OwnSend | StreamRequest;

/** An act for which nothing is sent. */
type StreamRequest = { readonly [MEMBER in keyof OwnSend]?: undefined };

/** A send of this client, until the log has it or it has failed. */
export interface OwnSend {
  /** The name of it for `withdraw`, and for the server, which so takes a repetition once. */
  readonly command: string;
  /** The message that it sends; absent where it asks for another answer. */
  readonly message?: Message | undefined;
  /** The last message that it keeps, null for none; absent when it cuts nothing off. */
  readonly after?: string | null | undefined;
  /** True when it takes its place in the queue, and not among the messages. */
  readonly isQueued?: true | undefined;
  /** True when an earlier page made it. */
  readonly isStored?: true | undefined;
  /** How far the file is that goes ahead of it. */
  upload?: Upload;
  /** Where it stands. It changes by `move` of session/pending-actions.ts alone. */
  state: SendState;
}

/**
 * ```
 * made ─→ waiting ─→ sending ─→ taken
 *  └──────────────────┘  │ └──→ refused ─→ withdrawn
 * any before `taken` ────┴────→ withdrawn
 * ```
 */
export type SendState =
  /** It is being put together. */
  | 'made'
  /** Others are before it. */
  | 'waiting'
  /** It is being posted, and repeated until it is answered. */
  | 'sending'
  /** Refused, not for what it says, but for who asks; it is posted again once somebody else may ask. */
  | { readonly error: HoldfastError }
  /** The server has answered it, and the log will show it. */
  | 'taken'
  | 'withdrawn';

/** A file of a message on its way to the server. */
export interface Upload {
  /** Id of the message. */
  readonly messageId: string;
  /** As the part has it. */
  readonly filename: string | undefined;
  /** Bytes that the server has. */
  readonly sent: number;
  /** All of its bytes. */
  readonly total: number;
}

/** A message on its way to the server. */
export interface PendingMessage {
  /** The name of it for `withdraw`. */
  readonly command: string;
  /** The whole message. */
  readonly message: Message;
  /**
   * `waiting`: others go first. `sending`: it is being sent, which may take until the network is back.
   * `refused`: a stored message may not be sent by who is signed in; `reconnect` of the transport sends
   * it again, and `withdraw` takes it back.
   */
  readonly state: 'waiting' | 'sending' | 'refused';
  /** Why it was refused. */
  readonly error?: HoldfastError;
  /** How far the file is that goes ahead of it; absent where there is none, or none has begun. */
  readonly upload?: Upload | undefined;
}
