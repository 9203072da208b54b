import type { Writers } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { MaybePromise } from './maybe-promise.ts';
import type { Participant } from './participant.ts';

/** A history with who wrote its messages, as hooks told it. */
export interface LoadedHistory {
  /** Oldest first, at most 10,000 and `sessionBytes`. */
  readonly messages: readonly UIMessage[];
  /** By message id. @default nobody is known */
  readonly authors?: Writers;
}

/**
 * Gives the history with which a session begins that the log does not have: oldest message first, with greetings, and
 * an empty list where there is none. Asked behind `authorize`, before the first send and before each read; once at a
 * time in a process, and of several processes the first in the log counts.
 *
 * What it throws, and one that takes longer than `loadMs`, fails the request as `unavailable`; a `HoldfastError` is told to the client
 * as it is. Messages that are none, or share an id, fail it as `internal`, and those that no session can hold as `full`. `onError` is told,
 * nothing is written, and it is asked again with the next request.
 */
export type Load = (asked: {
  readonly sessionId: string;
  /** As `authorize` gave it; `{ id: 'holdfast', role: 'agent' }` for code on the server, and a run's agent for that. */
  readonly participant: Participant;
}) => MaybePromise<readonly UIMessage[] | LoadedHistory>;
