import type { ChatSyncState } from './contract.ts';

/** The state of a chat that nobody keeps in step. */
export const notFollowed: ChatSyncState = {
  runs: [],
  queue: [],
  operator: null,
  pending: [],
  participants: [],
  authorOf: () => undefined,
  hasOlder: false,
  isLoadingOlder: false,
  cut: [],
  isSynced: false,
};

export const members = Object.keys(notFollowed) as (keyof ChatSyncState)[];

export const isSame = (one: ChatSyncState, other: ChatSyncState): boolean =>
  members.every((member) => one[member] === other[member]);
