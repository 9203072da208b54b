import type { Claims } from './claims.ts';
import type { Deliveries } from './deliveries.ts';
import type { LogDurability } from './durability.ts';
import type { SessionEntries } from './entries.ts';
import type { Files } from './files.ts';
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
 * the store. Expected outcomes are return values, not errors. What is asked for with an id or a name of the
 * wrong form rejects with `bad_request`, and what is over a limit of its own with `too_large`; nothing is changed
 * then. No method can be aborted: what was asked for is done, and whoever does not wait for it may ask again.
 */
export interface SessionLog
  extends SessionEntries,
    Sends,
    Runs,
    StoredMessages,
    Deliveries,
    Reminders,
    Claims,
    Files {
  /**
   * What every acknowledged write has survived by then; a send or an append may ask for more (`durability`). Absent:
   * the log does not tell, and what asks for more is not to be given to it.
   */
  readonly durability?: LogDurability;

  /** Resolves when the store can serve; rejects with words that say what is wrong with it. Need not be called. */
  ready(): Promise<void>;

  /**
   * Removes the session with everything that belongs to it, its files, claims, reminders and early cancels too;
   * `false` when there was none. Of its runs stays only that they have ended.
   */
  delete(session: string): Promise<boolean>;

  /** Ends subscriptions and connections of this log's own. Later calls reject as `unavailable`. */
  close(): Promise<void>;
}

/** Options that every implementation takes; defaults are those of the protocol's limits. */
export interface LogLimits {
  /** Bytes of an entry's body. A larger one rejects with `too_large`. @default 262_144 (256 KiB) */
  readonly entryBytes: number;
  /**
   * Bytes of a session: bodies of entries and stored messages, what is kept of live runs, the state of its
   * checkpoint. What would pass it is answered `full`; the end of a run still fits.
   * @default 33_554_432 (32 MiB)
   */
  readonly sessionBytes: number;
  /**
   * Entries and stored messages of a session, and commands that it remembers. What would pass it is answered
   * `full`; the end of a run still fits.
   * @default 50_000
   */
  readonly sessionEntries: number;
  /** Time for which a session is kept after the last activity, in ms. Then it is gone. @default 86_400_000 (24 h) */
  readonly retentionMs: number;
  /**
   * Time for which a command, and the end of a run, is remembered, in ms. A repetition that comes later is taken for
   * another command.
   * @default 86_400_000 (24 h)
   */
  readonly commandMs: number;
  /** Bytes of one file. A larger one rejects with `too_large`. @default 10_485_760 (10 MiB) */
  readonly fileBytes: number;
  /** Bytes of a piece of a file. A larger one rejects with `too_large`. @default 262_144 (256 KiB) */
  readonly filePieceBytes: number;
  /**
   * Bytes of the files and uploads of a session as they are stored, and 128 for each piece. What would pass it is
   * answered `full`.
   * @default 134_217_728 (128 MiB)
   */
  readonly sessionFileBytes: number;
  /**
   * Time for which an upload is kept after its last piece, in ms, and files while there is no session.
   * @default 3_600_000 (1 h)
   */
  readonly uploadMs: number;
}
