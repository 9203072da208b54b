import type { ConnectionStatus } from '@holdfast/client';

/**
 * How this page stands to the server. `cut`: by the switch. `opening`: for the first time. `lost`: it was
 * open, and is tried again. `stuck`: it is open, and the server cannot do its work.
 */
export type Link =
  | 'idle'
  | 'opening'
  | 'online'
  | 'stuck'
  | 'cut'
  | 'lost'
  | 'offline'
  | 'refused'
  | 'closed';

export interface LinkFacts {
  readonly connection: ConnectionStatus;
  /** Whether the switch of the page has cut its network. */
  readonly isCut: boolean;
  readonly wasOnline: boolean;
  /** Whether the server was asked just now, and could not tell. */
  readonly isStuck: boolean;
}

export function linkOf({ connection, isCut, wasOnline, isStuck }: LinkFacts): Link {
  if (connection === 'closed') return 'closed';
  if (isCut) return 'cut';
  if (connection === 'connecting') return wasOnline ? 'lost' : 'opening';
  if (connection === 'failed') return 'refused';
  if (connection === 'offline') return 'offline';
  return isStuck ? 'stuck' : connection;
}

/** Whether nothing of the server arrives, for now. */
export const isAway = (link: Link): boolean =>
  link !== 'idle' && link !== 'online' && link !== 'stuck';
