/**
 * All that the gateway needs of a socket, so that any host's can be used (see `accept`). `send`
 * takes UTF-8 text, encoded or not, and must send it as a text frame, each of a list as one of its own; it may throw or drop after
 * the close. `onMessage` is given null for a binary frame, and should not be given more than
 * `frameBytes`: what is longer closes the socket, but has been in memory by then.
 */
export interface GatewaySocket {
  /** The subprotocol that was agreed on; empty when there is none. */
  readonly protocol: string;
  /** Bytes that were sent and not yet taken by the network. */
  readonly bufferedAmount: number;
  /** Sends text frames. Called as soon as there is something to send, also while earlier frames wait. */
  send(text: string | Uint8Array | readonly Uint8Array[]): void;
  /** Must also end, in bounded time, a connection whose peer no longer answers. */
  close(code: number, reason: string): void;
  /** Sets the one listener for frames; called once, as soon as the socket is taken. */
  onMessage(listener: (text: string | null) => void): void;
  /** Called once the connection is gone, whoever closed it: until then it counts for `connections`. */
  onClose(listener: () => void): void;
  /**
   * Calls when the network has taken what was sent. A host that cannot tell leaves it out: what is
   * slower than the network then goes on once a second.
   */
  onDrain?(listener: () => void): void;
}

export type Outgoing = Parameters<GatewaySocket['send']>[0];

/** What speaks to a socket. One object, and no functions for each event: there is one for every open page. */
export interface SocketListener {
  /** A text frame came; null for a binary one. */
  received(text: string | null): void;
  /** The network has taken what was sent. */
  drained(): void;
  /** The connection is gone, whoever closed it. */
  gone(): void;
}

/** A socket that the gateway has taken. It throws nothing, and reports what its listener throws. */
export interface HeldSocket extends Pick<GatewaySocket, 'protocol' | 'bufferedAmount' | 'send'> {
  /** Sets the one listener; called once, as soon as the socket is taken. */
  tell(listener: SocketListener): void;
  /** Closes it from this side, which is counted. */
  shut(code: number, reason: string): void;
}
