import type { Position, ResetReason } from '@holdfast/protocol';

/** Entries of a session, in their order: PROTOCOL.md section 3. */
export interface SessionEntries {
  /** State of a session; `null` when there is none. Does not count as activity of the session. */
  head(session: string): Promise<Head | null>;

  /** Entries after a position, oldest first, or the reason why the position does not hold (HF-POS-3). */
  read(session: string, request: ReadRequest): Promise<ReadResult>;
}

/**
 * An entry's body with the nonce that its writer chose. The entry's id has what the nonce makes of the entry
 * before it (HF-POS-5): `idBehind` tells it.
 */
export interface NewEntry {
  /** An integer of 1 to 2^31-1, drawn anew for each entry; a repetition of a write has the same. */
  readonly nonce: number;
  /** JSON text of an `Entry`, of at most `entryBytes`; a larger one rejects with `too_large`. */
  readonly body: string;
  /**
   * The entry that this one has to follow, for the first entry of a write. Where another is the newest the
   * write changes nothing and rejects with what `movedTop` reads the newest from (HF-LOG-6); what would
   * change nothing anyway is answered as ever. A session that a write makes gets this epoch, and its first
   * entry follows `0-0`. Absent: it follows whichever is the newest.
   */
  readonly behind?: Position;
}

/** An entry as the log has it. */
export interface StoredEntry {
  /** Its seq and nonce, as in `7-1234` (HF-POS-1). */
  readonly id: string;
  /** The id of the entry before it; `0-0` when it is the first. */
  readonly prev: string;
  /** The text of `NewEntry.body`. */
  readonly body: string;
}

/** A run that has not ended, also one whose lease has run out. */
export interface LiveRun {
  /** Its id. */
  readonly run: string;
  /** The attempt that may write; 1 is the first. */
  readonly attempt: number;
  /** The text of `SendCommand.run.info`. */
  readonly info: string;
  /** The text of `SendCommand.run.kept`; empty when there was none. */
  readonly kept: string;
  /** False when the lease has run out. */
  readonly leased: boolean;
  /** Time for which the lease goes on unless it is renewed, in ms; 0 when it has run out. */
  readonly leftMs: number;
  /** True when a stop was asked for. */
  readonly cancelled: boolean;
}

/** State of a session at one moment. */
export interface Head {
  /** Names this incarnation of the session: another one after it was deleted, ran out or was lost. */
  readonly epoch: string;
  /** Id of the newest entry; `0-0` when there is none. */
  readonly top: string;
  /** Id of the entry before the oldest one that is kept; `0-0` when nothing was trimmed. */
  readonly floor: string;
  /**
   * Bytes that count, each once: bodies of stored messages and of entries that are not stored yet, what is kept of live
   * runs, and the state.
   */
  readonly bytes: number;
  /** The entry id up to which stored messages go; `0-0` when none were stored. */
  readonly checkpoint: string;
  /** Live runs, in the order in which they began. */
  readonly runs: readonly LiveRun[];
}

/** Range of entries to read. */
export interface ReadRequest {
  /** Read what is behind this position; `null` reads from the oldest entry that is kept. */
  readonly after: Position | null;
  /** At most this many entries. A page ends sooner behind about 1 MiB of bodies, and has at least one entry. */
  readonly limit: number;
}

/** Answer to a read. */
export type ReadResult =
  /** The position holds, and this is what is behind it. */
  | {
      readonly kind: 'entries';
      /** Epoch of the session. */
      readonly epoch: string;
      /** Id of the session's newest entry. */
      readonly top: string;
      /** Fewer than to the top when the limit was reached. */
      readonly entries: readonly StoredEntry[];
    }
  /** The position does not hold. */
  | {
      readonly kind: 'reset';
      /** The first reason that there is (HF-POS-3). */
      readonly why: ResetReason;
      /** Epoch of the session. */
      readonly epoch: string;
      /** Id of the session's newest entry. */
      readonly top: string;
    }
  /** There is no such session. */
  | { readonly kind: 'missing' };
