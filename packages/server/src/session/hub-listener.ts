import type { Presence, ResetReason } from '@holdfast/protocol';

/** Who follows a hub. None of it may throw. */
export interface HubListener {
  /** The feed moved on: a cursor gives what it brought. */
  advanced(): void;
  reset(why: ResetReason): void;
  deleted(): void;
  /** Who is in the session has changed. */
  presence?(who: readonly Presence[]): void;
}
