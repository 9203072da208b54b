import type { Credentials } from './credentials.ts';
import type { HeldSocket } from './socket.ts';

/** Where the conversation with a client stands. */
export type ConnectionState =
  /** Before `hello`: nothing else is listened to. */
  | { readonly kind: 'greeting'; readonly until: number }
  /** `hello` came, and the application is asked: the client has said what it had to. */
  | { readonly kind: 'admitting' }
  | ({ readonly kind: 'open' } & Credentials)
  | { readonly kind: 'closed' };

/** Each member by its name: an object that is spread out of another takes a table besides. */
export const openWith = ({ participant, token, askAt, endAt }: Credentials): ConnectionState => ({
  kind: 'open',
  participant,
  token,
  askAt,
  endAt,
});

/** The part of the gateway that its connections need. */
export interface ConnectionHost {
  /** The time, without that in which this process stood still: for the silence of clients. */
  readonly awake: () => number;
  /** True where the socket is a stream of events (HF-EVT-1). */
  readonly isStream?: boolean;
  /** Nothing is said to it any more; it may take its time to go. */
  readonly onClosed: (socket: HeldSocket) => void;
  /** Its connection is gone. */
  readonly onGone: (socket: HeldSocket) => void;
}
