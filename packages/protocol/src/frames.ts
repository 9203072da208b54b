import type {
  Author,
  Chunk,
  Entry,
  Message,
  Presence,
  QueuedSend,
  RunInfo,
  Writer,
} from './entries.ts';
import type { WireError } from './errors.ts';
import type { ResetReason } from './position.ts';

/** The version of the wire, which `hello` and `welcome` name. */
export const version = 1;
/** The WebSocket subprotocol of this version, which a client offers when it connects. */
export const subprotocol = 'holdfast.v1';

/** The first frame of a socket. Any other closes it with 4401, none within `helloTimeoutMs` with 4408. */
export interface HelloFrame {
  readonly t: 'hello';
  /** Version of the wire that the client speaks, now 1. Another one closes the socket with 4406. */
  readonly v: number;
  /** Credentials, where the client has some that are no cookie; `authorize` is given them. */
  readonly token?: string | undefined;
  /** Name of the client's software, for the server's reports. */
  readonly client?: string;
}

/**
 * A fresh token for a socket that stays. A refused one closes it with 4401, one of another participant with
 * 4403.
 */
export interface AuthFrame {
  readonly t: 'auth';
  /** Number of the request, chosen by the client; the answer repeats it. */
  readonly r: number;
  /** The new credentials. */
  readonly token: string;
}

/**
 * Follows a session. Answered by `subbed`, or by `res` with `forbidden`, `conflict` (it is followed already)
 * or `limit` (more than `subscriptions`).
 */
export interface SubscribeFrame {
  readonly t: 'sub';
  /** Number of the request, chosen by the client; the answer repeats it. */
  readonly r: number;
  /** The session to follow. */
  readonly s: string;
  /** The last position that the client applied; without one, the answer begins with a snapshot. */
  readonly pos?: string | undefined;
}

/** Stops following a session; ignored where it is not followed. */
export interface UnsubscribeFrame {
  readonly t: 'unsub';
  /** The session to leave. */
  readonly s: string;
}

/**
 * Says how far a client is, at least every `ackBytes` or `ackMs`: a gateway sends no more than `windowBytes`
 * ahead of that. Ignored where the session is not followed.
 */
export interface AckFrame {
  readonly t: 'ack';
  /** The session. */
  readonly s: string;
  /** Id of the last entry that the client applied. */
  readonly i: string;
}

/**
 * Stops a run, which either `run` or `command` names; both or neither close the socket with 4400. Answered by
 * `res` once the log has it.
 */
export interface CancelFrame {
  readonly t: 'cancel';
  /** Number of the request, chosen by the client; the answer repeats it. */
  readonly r: number;
  /** The session. */
  readonly s: string;
  /** Id of the run. */
  readonly run?: string;
  /** Command of the send that asks for the run; also one that the server has not seen yet. */
  readonly command?: string;
}

/**
 * Says what its participant does in a session. It lasts until the socket leaves the session, or until another
 * one; `typing` falls back to `here` after `typingMs`.
 */
export interface PresenceFrame {
  readonly t: 'presence';
  /** The session. */
  readonly s: string;
  /** `away` takes the participant off the list, as far as this socket goes. */
  readonly state: Presence['state'] | 'away';
}

/** Asks the other side for `pong`. */
export interface PingFrame {
  readonly t: 'ping';
}

/** Answers `ping`. */
export interface PongFrame {
  readonly t: 'pong';
}

/** Any frame that a client sends (PROTOCOL.md section 5). */
export type ClientFrame =
  | HelloFrame
  | AuthFrame
  | SubscribeFrame
  | UnsubscribeFrame
  | AckFrame
  | CancelFrame
  | PresenceFrame
  | PingFrame
  | PongFrame;

/** Accepts `hello`, and tells the limits that the client has to keep by itself. */
export interface WelcomeFrame {
  readonly t: 'welcome';
  /** Version of the wire that the gateway speaks. */
  readonly v: number;
  /** Name of the connection, for the reports of both sides. */
  readonly conn: string;
  /**
   * Silence after which the gateway asks by `ping`; a client waits `pongTimeoutMs` longer before it gives the
   * socket up.
   */
  readonly heartbeatMs: number;
  /** Limit of the gateway, in frames per second. */
  readonly framesPerSecond?: number;
  /** Limit of the gateway: frames at once. */
  readonly framesBurst?: number;
  /** Limit of the gateway: sessions of one socket. */
  readonly subscriptions?: number;
}

/**
 * Answers `sub`: the subscription stands. What follows is a replay, or a snapshot and what came behind it;
 * then `live`.
 */
export interface SubscribedFrame {
  readonly t: 'subbed';
  /** Number of the `sub` that this answers. */
  readonly r: number;
  /** The session. */
  readonly s: string;
  /** Incarnation of the log; empty where the session does not exist yet. */
  readonly epoch: string;
  /** Id of the newest entry at this moment. */
  readonly top: string;
  /** `replay`: the entries behind the client's position follow. `snapshot`: a snapshot does. */
  readonly mode: 'replay' | 'snapshot';
  /** False where the client's position could not be honoured: a `reset` follows. */
  readonly recovered: boolean;
  /**
   * The query that stands behind the URL of a file of the session, without its question mark; absent where the
   * page's cookies are asked for. It holds for a limited time.
   */
  readonly files?: string;
}

/** Tells a client to drop what it knows of a session: a snapshot follows. */
export interface ResetFrame {
  readonly t: 'reset';
  /** The session. */
  readonly s: string;
  /** Why its position does not hold any more. */
  readonly why: ResetReason;
}

/** The chunks that one run, or the answers of clients (`run: null`), wrote into a message. */
export interface Segment {
  /** The run; null for answers of clients. */
  readonly run: string | null;
  /** The chunks that it wrote, folded as {@link foldChunks} does. */
  readonly chunks: readonly Chunk[];
  /** How many of them stay when another attempt of the run begins; absent for none. */
  readonly sealed?: number;
}

/**
 * A message of a snapshot: with `message` where a participant wrote it or nothing more is written into it,
 * with `segments` where it is open, or the last one.
 */
export type SnapshotItem = {
  /** Id of the message. */
  readonly id: string;
  /** The writer; absent where the server does not know: in a session that began with messages. */
  readonly by?: Writer | undefined;
} & (
  | {
      /** As the AI SDK's reducer makes it; nothing more is written into it. */
      readonly message: Message;
    }
  | {
      /** The chunks that were written into it so far, in log order. */
      readonly segments: readonly Segment[];
    }
);

/** A snapshot of a session, or a part of one. */
export interface SnapshotFrame {
  readonly t: 'snap';
  /** The session. */
  readonly s: string;
  /** Incarnation of the log. */
  readonly epoch: string;
  /** The entry id up to which the snapshot goes. */
  readonly through: string;
  /** Messages of this part, oldest first. */
  readonly items: readonly SnapshotItem[];
  /** In the last part: the runs that are running, and those of the last message. */
  readonly runs?: readonly RunInfo[];
  /** In the last part: the cursor of what is older than the snapshot; absent when nothing is. */
  readonly before?: string;
  /** In the last part: sends that wait for their turn; absent when none do. */
  readonly queue?: readonly QueuedSend[];
  /** In the last part: the operator who answers in the place of the agents; absent when nobody does. */
  readonly operator?: Author;
  /** In the last part: who is in the session. */
  readonly who?: readonly Presence[];
  /** In the last part: how many are in the session, where they are more than `who` names. */
  readonly count?: number;
  /** True when another part follows. */
  readonly more: boolean;
}

/** An entry of the log, as followers get it. */
export interface EntryFrame {
  readonly t: 'entry';
  /** The session. */
  readonly s: string;
  /**
   * Id of the entry before this one. Where that is not the last one that the client has, it missed something
   * and subscribes again.
   */
  readonly p: string;
  /** Id of this entry. */
  readonly i: string;
  /** Its body. */
  readonly d: Entry;
}

/** Says that the client has all that the log has. */
export interface LiveFrame {
  readonly t: 'live';
  /** The session. */
  readonly s: string;
  /** Id of the newest entry. */
  readonly i: string;
}

/** Ends a subscription: nothing more of the session comes over this socket. */
export interface ClosedFrame {
  readonly t: 'closed';
  /** The session. */
  readonly s: string;
  /** `deleted`: the session is gone. `forbidden`: the participant may not read it any more. */
  readonly why: 'deleted' | 'forbidden';
}

/** The participants of a session, told whenever they change. */
export interface ParticipantsFrame {
  readonly t: 'presence';
  /** The session. */
  readonly s: string;
  /** At most `presenceMembers`, those who type first. */
  readonly who: readonly Presence[];
  /** How many they are, where they are more than are named. */
  readonly count?: number;
}

/**
 * The outcome of a stop: `stopping`, the run was asked to stop; `finished`, it came too late and changes
 * nothing.
 */
export type CancelState = 'stopping' | 'finished';
/** Answers a request of the client with either `ok` or `err`. */
export interface ResponseFrame {
  readonly t: 'res';
  /** Number of the request. */
  readonly r: number;
  /** The request was done. */
  readonly ok?: {
    /** Of a `cancel`. */
    readonly state?: CancelState;
  };
  /** The reason why the request was not done. */
  readonly err?: WireError;
}

/** Asks for `auth`. Without it the socket is closed with 4419. */
export interface ReauthFrame {
  readonly t: 'reauth';
  /** Milliseconds that are left. */
  readonly inMs: number;
}

/** Asks a client to move to another socket, because the gateway closes. */
export interface DrainFrame {
  readonly t: 'drain';
  /** Milliseconds of which it waits a random part, so that not all come at once. */
  readonly spreadMs: number;
}

/** Any frame that a gateway sends (PROTOCOL.md section 6). */
export type ServerFrame =
  | WelcomeFrame
  | SubscribedFrame
  | ResetFrame
  | SnapshotFrame
  | EntryFrame
  | LiveFrame
  | ClosedFrame
  | ParticipantsFrame
  | ResponseFrame
  | ReauthFrame
  | DrainFrame
  | PingFrame
  | PongFrame;
