import type { Author, Chunk, Entry, Message, Presence, RunInfo, Writer } from './entries.ts';
import type { WireError } from './errors.ts';
import type { ResetReason } from './position.ts';
import type { QueuedSend } from './queue.ts';

/** The wire version and the WebSocket subprotocol that names it. */
export const version = 1;
export const subprotocol = 'holdfast.v1';

export interface HelloFrame {
  readonly t: 'hello';
  readonly v: number;
  readonly token?: string | undefined;
  readonly client?: string;
}
export interface AuthFrame {
  readonly t: 'auth';
  readonly r: number;
  readonly token: string;
}
export interface SubscribeFrame {
  readonly t: 'sub';
  readonly r: number;
  readonly s: string;
  readonly pos?: string | undefined;
}
export interface UnsubscribeFrame {
  readonly t: 'unsub';
  readonly s: string;
}
export interface AckFrame {
  readonly t: 'ack';
  readonly s: string;
  readonly i: string;
}
export interface CancelFrame {
  readonly t: 'cancel';
  readonly r: number;
  readonly s: string;
  readonly run?: string;
  readonly command?: string;
}
/** `here` and `typing` last until the socket's subscription ends or `away`. */
export interface PresenceFrame {
  readonly t: 'presence';
  readonly s: string;
  readonly state: Presence['state'] | 'away';
}
export interface PingFrame {
  readonly t: 'ping';
}
export interface PongFrame {
  readonly t: 'pong';
}

/** PROTOCOL.md section 5. */
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

export interface WelcomeFrame {
  readonly t: 'welcome';
  readonly v: number;
  readonly conn: string;
  readonly heartbeatMs: number;
  /** Limits that the client keeps by itself: PROTOCOL.md section 14. */
  readonly framesPerSecond?: number;
  readonly framesBurst?: number;
  readonly subscriptions?: number;
}
export interface SubscribedFrame {
  readonly t: 'subbed';
  readonly r: number;
  readonly s: string;
  readonly epoch: string;
  readonly top: string;
  readonly mode: 'replay' | 'snapshot';
  readonly recovered: boolean;
}
export interface ResetFrame {
  readonly t: 'reset';
  readonly s: string;
  readonly why: ResetReason;
}

/** What one run, or the answers of clients (`run: null`), wrote into a message. */
export interface Segment {
  readonly run: string | null;
  readonly chunks: readonly Chunk[];
  /** How many of them stay when another attempt of the run begins; absent for none. */
  readonly sealed?: number;
}
/** A message that a participant wrote carries `message`; one that runs wrote, `segments`. */
export type SnapshotItem = {
  readonly id: string;
  /** Who wrote it; absent where the server does not know: in a session that began with messages. */
  readonly by?: Writer | undefined;
} & ({ readonly message: Message } | { readonly segments: readonly Segment[] });

export interface SnapshotFrame {
  readonly t: 'snap';
  readonly s: string;
  readonly epoch: string;
  /** The entry id up to which the snapshot goes. */
  readonly through: string;
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
  readonly more: boolean;
}
export interface EntryFrame {
  readonly t: 'entry';
  readonly s: string;
  readonly p: string;
  readonly i: string;
  readonly d: Entry;
}
export interface LiveFrame {
  readonly t: 'live';
  readonly s: string;
  readonly i: string;
}
export interface ClosedFrame {
  readonly t: 'closed';
  readonly s: string;
  readonly why: 'deleted' | 'forbidden';
}
export interface ParticipantsFrame {
  readonly t: 'presence';
  readonly s: string;
  readonly who: readonly Presence[];
  /** How many they are, where they are more than are named. */
  readonly count?: number;
}
export type CancelState = 'stopping' | 'finished';
export interface ResponseFrame {
  readonly t: 'res';
  readonly r: number;
  readonly ok?: { readonly state?: CancelState };
  readonly err?: WireError;
}
export interface ReauthFrame {
  readonly t: 'reauth';
  readonly inMs: number;
}
export interface DrainFrame {
  readonly t: 'drain';
  readonly spreadMs: number;
}

/** PROTOCOL.md section 6. */
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
