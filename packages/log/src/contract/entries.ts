import type { Position, ResetReason } from '@holdfast/protocol';

/** Entries of a session, in their order: PROTOCOL.md section 3. */
export interface SessionEntries {
  /** State of a session; `null` when there is none. */
  head(session: string): Promise<Head | null>;

  /** Entries after a position, oldest first, or the reason why the position does not hold. */
  read(session: string, request: ReadRequest): Promise<ReadResult>;
}

/**
 * An entry's body with the nonce that its writer chose: an integer of 1 to 2^31-1. The entry's id has what
 * the nonce makes of the entry before it (HF-POS-5): `idBehind` tells it.
 */
export interface NewEntry {
  readonly nonce: number;
  /** JSON text of an `Entry`. */
  readonly body: string;
  /**
   * The entry that this one has to follow, for the first entry of a write. Where another is the newest the
   * write changes nothing and rejects with what `movedTop` reads the newest from (HF-LOG-6); what would
   * change nothing anyway is answered as ever. A session that a write makes gets this epoch, and its first
   * entry follows `0-0`.
   */
  readonly behind?: Position;
}

export interface StoredEntry {
  readonly id: string;
  /** The id of the entry before it. */
  readonly prev: string;
  readonly body: string;
}

export interface LiveRun {
  readonly run: string;
  readonly attempt: number;
  /** The text of `SendCommand.run.info`. */
  readonly info: string;
  /** The text of `SendCommand.run.kept`; empty when there was none. */
  readonly kept: string;
  /** False when the lease has run out. */
  readonly leased: boolean;
  /** How long the lease goes on unless it is renewed, in ms; 0 when it has run out. */
  readonly leftMs: number;
  readonly cancelled: boolean;
}

export interface Head {
  readonly epoch: string;
  /** Id of the newest entry; `0-0` when there is none. */
  readonly top: string;
  /** Id of the entry before the oldest one that is kept; `0-0` when nothing was trimmed. */
  readonly floor: string;
  /** Bytes of bodies of entries and stored messages, of what is kept of live runs, and of the state. */
  readonly bytes: number;
  /** The entry id up to which stored messages go; `0-0` when none were stored. */
  readonly checkpoint: string;
  readonly runs: readonly LiveRun[];
}

export interface ReadRequest {
  /** Read what is behind this position; `null` reads from the oldest entry that is kept. */
  readonly after: Position | null;
  /** At most this many entries. */
  readonly limit: number;
}

export type ReadResult =
  | {
      readonly kind: 'entries';
      readonly epoch: string;
      readonly top: string;
      /** Fewer than to the top when the limit was reached. */
      readonly entries: readonly StoredEntry[];
    }
  | {
      readonly kind: 'reset';
      readonly why: ResetReason;
      readonly epoch: string;
      readonly top: string;
    }
  | { readonly kind: 'missing' };
