import type { ConnectionStatus } from '../contract/connection.ts';
import type { ConnectionState } from './state.ts';

/** The states on the way to a connection; the others have the name that pages are told. */
const ways: readonly string[] = ['authorizing', 'hello', 'backoff'];

export const statusOf = ({ kind }: ConnectionState): ConnectionStatus =>
  ways.includes(kind) ? 'connecting' : (kind as ConnectionStatus);
