import type { ChatTransportOptions } from '../contract/options.ts';
import type { HoldfastChatTransport } from '../contract/transport.ts';

/** Options of `createDevtools`. */
export interface DevtoolsOptions {
  /** The class with which sockets are opened. @default globalThis.WebSocket */
  readonly WebSocket?: ChatTransportOptions['WebSocket'];
  /** What sends requests. @default globalThis.fetch */
  readonly fetch?: ChatTransportOptions['fetch'];
}

/** The part of a transport that the panel looks at: one of any message type fits. */
export type ShownTransport = Pick<HoldfastChatTransport, 'connection' | 'session'>;

/** A panel that shows what a transport does. In production it is empty, and costs nothing. */
export interface Devtools {
  /** Options of the transport through which the panel sees its frames and can cut its network: spread them. */
  readonly network: Pick<ChatTransportOptions, 'WebSocket' | 'fetch'>;
  /** Shows the panel in a corner of the page; returns what takes it away. */
  show(transport: ShownTransport): () => void;
}
