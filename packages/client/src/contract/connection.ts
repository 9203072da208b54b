import type { ErrorCode, HoldfastError } from '@holdfast/protocol';
import type { Observable } from '../changes.ts';

/** The part of a WebSocket that is used: browsers', Node's, React Native's and `ws`' have it. */
export interface Socket {
  /** Sends a text frame. */
  send(data: string): void;
  /** Begins to close; may be called more than once. */
  close(code?: number, reason?: string): void;
  /** Listens as an `EventTarget` does. */
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number }) => void): void;
}

/** What carries a connection: a WebSocket, or requests to the route (PROTOCOL.md section 2). */
export type Carrier = 'socket' | 'http';

/**
 * Why it is HTTP. `unreachable`: no socket opened. `silent`: one was neither opened nor refused, or opened and said
 * nothing. `option`: the option `carrier` says so.
 */
export type CarrierReason = 'unreachable' | 'silent' | 'option';

/** A class of such sockets. It is called with an absolute `ws:` or `wss:` URL and the subprotocol. */
export type SocketConstructor = new (url: string, protocols: string[]) => Socket;

/**
 * `idle`: nothing to follow, so no socket. `connecting`: also between two tries. `offline`: waits
 * for the network, or for the page to become visible. `failed`: given up until the next request.
 */
export type ConnectionStatus = 'idle' | 'connecting' | 'online' | 'offline' | 'failed' | 'closed';

/** The connection that all chats of a transport share. Listeners are told of changes of every member. */
export interface ConnectionView extends Observable<ConnectionStatus> {
  /** What carries it; null while it is not online. */
  readonly carrier: Carrier | null;
  /** Why that is HTTP; null while it is not. */
  readonly carrierReason: CarrierReason | null;
  /**
   * Null while it is online or not wanted, and while it is opened and nothing has failed. The same object
   * until something changed.
   */
  readonly trouble: ConnectionTrouble | null;
}

/**
 * Why there is no connection. `refused`: no socket opens. `unanswered`: one is neither opened nor refused, or
 * opened and not greeted, or the option `token` gives nothing. `lost`: it opened, and was closed. `limit`: the
 * gateway takes no more. `token`: the option failed. `offline`: the host has no network, or nobody sees the page.
 * Else the code of the error with which it was given up.
 */
export type ConnectionReason = 'refused' | 'unanswered' | 'lost' | 'token' | 'offline' | ErrorCode;

/** Why a connection that is wanted is not there (HF-CONN-15). */
export interface ConnectionTrouble {
  /** Why there is none, for programs. */
  readonly reason: ConnectionReason;
  /** How many tries in a row have failed; another one follows, unless it is given up. */
  readonly attempt: number;
  /**
   * There once waiting does not help, as far as can be known: it was given up, or so many tries failed that
   * something is set up wrongly, or away for long. Streams that only a socket could show end with it.
   */
  readonly error?: HoldfastError | undefined;
}
