import type { Claims } from './claims.ts';
import type { Deliveries } from './deliveries.ts';
import type { SessionEntries } from './entries.ts';
import type { StoredMessages } from './messages.ts';
import type { Reminders } from './reminders.ts';
import type { Runs } from './runs.ts';
import type { Sends } from './sends.ts';

/**
 * The contract of a session log: PROTOCOL.md sections 3 and 10. Implementations pass the exported
 * conformance suite (`@holdfast/log/conformance`).
 *
 * The log stores entry bodies as opaque JSON texts and knows only what order, fencing and
 * idempotency need. Each method is one atomic step. Every write may be repeated with the same
 * arguments after an unknown outcome and then changes nothing more (HF-LOG-4).
 *
 * Methods reject with a `HoldfastError`: `unavailable` when the store could not be reached or did
 * not answer in time (the outcome of a write is then unknown), `internal` for any other fault of
 * the store. Expected outcomes are return values, not errors.
 */
export interface SessionLog
  extends SessionEntries,
    Sends,
    Runs,
    StoredMessages,
    Deliveries,
    Reminders,
    Claims {
  /** Resolves when the store can serve; rejects with words that say what is wrong with it. */
  ready(): Promise<void>;

  /**
   * Removes the session with everything that belongs to it, its claims, reminders and early cancels too;
   * `false` when there was none. Of its runs stays only that they have ended.
   */
  delete(session: string): Promise<boolean>;

  /** Ends subscriptions and connections of this log's own. Later calls reject as `unavailable`. */
  close(): Promise<void>;
}

/** Options that every implementation takes; defaults are those of the protocol's limits. */
export interface LogLimits {
  readonly entryBytes: number;
  readonly sessionBytes: number;
  readonly sessionEntries: number;
  readonly retentionMs: number;
  readonly commandMs: number;
}
