import type { Carrier } from '../../contract/connection.ts';

/** What is known of the way to the server, and so what the next try is made with. The option is the first. */
export type CarrierChoice =
  /** Nothing is known: a socket. */
  | 'auto'
  /** A socket has just failed: HTTP, at once. */
  | 'http-instead'
  /** HTTP works, and a socket did not. It is tried again on the side. */
  | 'http-kept'
  /** A gateway answered over a socket on the side: a socket again, and it may take its time. */
  | 'found'
  /** A socket has worked in this page: a socket, until none has opened for long. */
  | 'socket-kept'
  /** Nothing but a socket is wanted. */
  | 'socket'
  /** Nothing but HTTP is wanted. */
  | 'http';

/**
 * The try got its `welcome`; it ended without any word of a gateway; a socket on the side was answered. `stuck`: so
 * many tries have failed that it would be told.
 */
export type CarrierEvent = 'greeted' | 'failed' | 'found' | 'stuck';

type Row = { readonly [EVENT in CarrierEvent]?: CarrierChoice };

/**
 * The whole choice. Where there is no cell, nothing changes. A page that is offline, or whose server is away, goes
 * round between `auto` and `http-instead`: only what works is kept.
 */
export const choices: { readonly [CHOICE in CarrierChoice]: Row } = {
  auto: { greeted: 'socket-kept', failed: 'http-instead' },
  'http-instead': { greeted: 'http-kept', failed: 'auto' },
  'http-kept': { found: 'found', failed: 'auto' },
  found: { greeted: 'socket-kept', failed: 'http-instead' },
  'socket-kept': { stuck: 'http-instead' },
  socket: {},
  http: {},
};

/** What a try is made with. */
export const carrierOf = (choice: CarrierChoice): Carrier =>
  choice.startsWith('http') ? 'http' : 'socket';
