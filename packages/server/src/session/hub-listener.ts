import type { Presence, ResetReason } from '@holdfast/protocol';

/** A follower of a hub. None of its methods may throw. */
export interface HubListener {
  /** The feed moved on: a cursor gives what it brought. */
  advanced(): void;
  reset(why: ResetReason): void;
  deleted(): void;
  /** Called when the participants of the session have changed. */
  presence?(who: readonly Presence[]): void;
}

/** One function for all hubs. */
export const advance = (listener: HubListener): void => listener.advanced();
