import type { ConnectionState } from './state.ts';

/**
 * `idle`: nothing to follow, so no socket. `connecting`: also between two tries. `offline`: waits
 * for the network, or for the page to become visible. `failed`: given up until the next request.
 */
export type ConnectionStatus = 'idle' | 'connecting' | 'online' | 'offline' | 'failed' | 'closed';

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
