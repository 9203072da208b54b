import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** A request to speak another protocol, as Node's servers tell of it. */
export type Upgrade = readonly [incoming: IncomingMessage, socket: Duplex, head: Buffer];
