import type { Observable } from '../changes.ts';
import type { ConnectionState, ConnectionTrouble } from './state.ts';

/**
 * `idle`: nothing to follow, so no socket. `connecting`: also between two tries. `offline`: waits
 * for the network, or for the page to become visible. `failed`: given up until the next request.
 */
export type ConnectionStatus = 'idle' | 'connecting' | 'online' | 'offline' | 'failed' | 'closed';

/** The connection that all chats of a transport share. Listeners are told of changes of every member. */
export interface ConnectionView extends Observable<ConnectionStatus> {
  /**
   * Null while it is online or not wanted, and while it is opened and nothing has failed. The same object
   * until something changed.
   */
  readonly trouble: ConnectionTrouble | null;
}

/** The states that are not on the way to a connection. */
const statuses: { readonly [K in ConnectionState['kind']]?: ConnectionStatus } = {
  idle: 'idle',
  ready: 'online',
  probing: 'online',
  paused: 'offline',
  failed: 'failed',
  closed: 'closed',
};

export const statusOf = ({ kind }: ConnectionState): ConnectionStatus =>
  statuses[kind] ?? 'connecting';
