import type { Position, ResetReason } from '@holdfast/protocol';
import type { StoredEntry } from '../contract/entries.ts';

/**
 * The one subscription of a session in a process, shared by all who follow it there: gap-free and
 * in order (HF-LOG-13), repaired from the log (HF-LOG-14).
 */
export interface SessionFeed {
  /**
   * The position up to which the feed has delivered; it only moves forward within an epoch. A session that does not
   * exist is at `{ epoch: '', id: '0-0' }`; its first entry is delivered behind that, without a reset.
   */
  readonly position: Position;
  /**
   * Delivers every entry behind `position` as it is at the time of the call. Listeners are called
   * synchronously one after another; one that throws is reported and kept.
   */
  listen(listener: FeedListener): () => void;
  /** Ends what `listen` began, for who does not keep its answer. */
  unlisten(listener: FeedListener): void;
  /** Compares with the log now instead of at the next poll. */
  check(): void;
}

/**
 * A listener for one session. Its methods must not throw; where one does, `onError` is told, and the listener
 * stays.
 */
export interface FeedListener {
  /** Entries that follow the last ones without a gap, each once. */
  entries(entries: readonly StoredEntry[]): void;
  /** The log is not what was delivered (HF-SUB-7); the feed goes on from `position` behind it. */
  reset(why: ResetReason): void;
  /** The session was deleted. */
  deleted(): void;
  /** The log was compared with what was delivered, and agrees (HF-LOG-14). */
  compared?(): void;
  /** Something may have been missed. Entries are made up for by themselves; texts that are kept nowhere are not. */
  missed?(): void;
  /** A text that is kept nowhere (HF-LOG-15); no part of the order, and it may be missing. */
  signal(text: string): void;
}

/** The feeds of a process, one for each session that is followed. */
export interface Feeds {
  /**
   * Takes part in the feed of a session; resolves when it stands. A session that does not exist
   * yet can be followed. Rejects as `unavailable`. Call `release` once; the last one ends the feed
   * after `lingerMs`.
   */
  acquire(session: string): Promise<{ readonly feed: SessionFeed; release(): void }>;
  /** Ends all feeds. Listeners hear nothing more. */
  close(): Promise<void>;
}
