import type { ConnectionStatus } from '../contract/connection.ts';
import type { ConnectionState } from './state.ts';

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
