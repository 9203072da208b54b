import type { Head, NewEntry, StoredEntry } from './entries.ts';

/** Messages that are stored in place of the entries that made them. */
export interface StoredMessages {
  /**
   * A session at one moment, as far as a reader needs it: its newest stored messages and the entries
   * behind the checkpoint, read in one step so that nothing falls between the two (HF-LOG-17). `null`
   * when there is none. Counts as activity of the session.
   */
  open(session: string, request: OpenRequest): Promise<Opened | null>;

  /** Stored messages by their place; `null` when there is no session. Counts as no activity. */
  items(session: string, request: ItemsRequest): Promise<ItemsResult | null>;

  /** The place of a stored message by its key; `null` when it is not stored. */
  find(session: string, key: string): Promise<FoundItem | null>;

  /**
   * Puts what entries amount to in the place of the entries: stores messages, moves the checkpoint
   * and drops old entries, in one step (HF-LOG-18). Repeating it is `stale` and changes nothing.
   */
  checkpoint(session: string, checkpoint: CheckpointCommand): Promise<CheckpointOutcome>;

  /**
   * Makes a session of stored messages, where there is none (HF-LOG-20). Repeating it is `exists`, and changes
   * nothing.
   */
  seed(session: string, seed: SeedCommand): Promise<SeedOutcome>;
}

/** Extent to which a session is opened. */
export interface OpenRequest {
  /**
   * At most this many of the newest stored messages, or more back to `CheckpointCommand.keep`; never more than
   * 500.
   */
  readonly limit: number;
}

/** A session as a reader begins with it. */
export interface Opened extends Head {
  /** Count of stored messages; their places are 0 to `count` - 1. */
  readonly count: number;
  /** Up to where entries were handed over to the application; see `CheckpointCommand.handed`. */
  readonly handed: string;
  /** The `state` of the newest checkpoint; empty when there was none. */
  readonly state: string;
  /** Bodies of the newest stored messages, oldest first: the last of them is at `count` - 1. */
  readonly items: readonly string[];
  /** Entries behind the checkpoint, oldest first: a first page of at most 500, to be read on from. */
  readonly entries: readonly StoredEntry[];
}

/** Range of stored messages to read. */
export interface ItemsRequest {
  /** Messages at places below this one. */
  readonly before: number;
  /** At most this many: the newest of them. 0 asks for none, and only how many are stored. */
  readonly limit: number;
}

/** Stored messages, with what they are stored up to. */
export interface ItemsResult {
  /** Epoch of the session. */
  readonly epoch: string;
  /** The entry id up to which they go. */
  readonly checkpoint: string;
  /** Count of stored messages. */
  readonly count: number;
  /** Oldest first; the last is at `before` - 1, or at `count` - 1 when that is lower. */
  readonly items: readonly string[];
}

/** Place of a stored message. */
export interface FoundItem {
  /** Epoch of the session. */
  readonly epoch: string;
  /** The entry id up to which messages are stored. */
  readonly checkpoint: string;
  /** Its place, from 0; the highest where more than one has the key. */
  readonly at: number;
}

/** A message to be stored. */
export interface NewItem {
  /** The key by which the message is found; the log keeps a digest of it, and not the key. */
  readonly key: string;
  /** JSON text, opaque to the log. */
  readonly body: string;
}

/** A checkpoint: messages in the place of entries. One that would leave a hole rejects with `internal`. */
export interface CheckpointCommand {
  /** Epoch of the session; with another one nothing is stored, and it is `missing`. */
  readonly epoch: string;
  /** The checkpoint that this one was made from; with another one meanwhile it is `stale`. */
  readonly from: string;
  /** Id of the entry up to which the messages go: at or behind `from`, and still in the log. */
  readonly through: string;
  /** Count of messages that are stored afterwards; those at higher places go. */
  readonly count: number;
  /** Messages that are new or changed, by place, in rising order, without a hole up to `count`. */
  readonly changes: readonly (NewItem & {
    /** Its place, from 0. */
    readonly at: number;
  })[];
  /** `open` gives messages from this place on even when that is more than its limit. */
  readonly keep: number;
  /**
   * Entries up to this id are dropped: at most `through`, and at most `handed` once a checkpoint has
   * said that. Null drops none.
   */
  readonly trim: string | null;
  /** Up to where entries were handed over to the application; stored and given back by `open`. */
  readonly handed?: string;
  /**
   * The state of the session at the checkpoint besides messages: a text that is opaque to the log, at
   * most four times as large as an entry; it counts as part of the session. Absent: as it was.
   */
  readonly state?: string;
}

/**
 * Answer to a checkpoint. `stale`: it was made from another one than the newest, or the log does not have what it
 * goes up to. `full`: the messages would pass `sessionBytes`; what makes the session smaller is let through.
 * `missing`: there is no such session.
 */
export type CheckpointOutcome = 'done' | 'stale' | 'full' | 'missing';

/** Messages and entry with which a session begins. */
export interface SeedCommand {
  /** Oldest first, each key once. */
  readonly items: readonly NewItem[];
  /** The session's first entry; the checkpoint is set behind it. */
  readonly entry: NewEntry;
  /** State, as `CheckpointCommand.state`. Absent: empty. */
  readonly state?: string;
}

/** Answer to a seed. `full`: it would pass `sessionBytes` or `sessionEntries`. */
export type SeedOutcome = 'seeded' | 'exists' | 'full';
