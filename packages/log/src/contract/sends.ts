import type { Position } from '@holdfast/protocol';
import type { Durability } from './durability.ts';
import type { NewEntry } from './entries.ts';
import type { RunState } from './runs.ts';

/**
 * Sends of clients and of the server: entries, under conditions, and the runs that they start. PROTOCOL.md section
 * 10.
 */
export interface Sends {
  /**
   * Accepts a command once: writes its entries, in one step with all else that it says, and starts at most one
   * run. Makes the session if there is none.
   */
  send(session: string, command: SendCommand): Promise<SendOutcome>;

  /**
   * The record of an accepted command: what a repetition would be answered (HF-LOG-5). `null` when it
   * knows none: it was not accepted, or longer ago than `commandMs`, or its session is gone. Changes nothing, and
   * does not count as activity of the session.
   */
  command(session: string, command: string): Promise<KnownCommand | null>;
}

/** A command, which is one step: all of it is accepted, or none. */
export interface SendCommand {
  /**
   * Idempotency key, of 1 to 1,024 bytes; remembered for `commandMs` (HF-LOG-5). A longer one rejects with
   * `bad_request`.
   */
  readonly command: string;
  /**
   * A digest of what the command says: a repetition that says something else is refused as `other`.
   * Absent where the command id says it all.
   */
  readonly digest?: string;
  /**
   * What the send has to survive before it is answered, where that is more than all writes do. One that is not known
   * to be so durable in time rejects with `unavailable`, as any unknown outcome; one that the log cannot give at all,
   * with `internal`, and nothing is written. Absent: `SessionLog.durability`.
   */
  readonly durability?: Durability;
  /** Conditions of the send: where one does not hold it is refused, and changes nothing. Absent: none. */
  readonly if?: SendConditions;
  /** Sets a hold of the session, or lifts it; as it was when absent (HF-LOG-12). */
  readonly setHold?: boolean;
  /** Entries, written one behind the other; none at all is allowed where no run is started. */
  readonly entries: readonly NewEntry[];
  /** The run that the last of `entries` starts; that entry counts as the run's number 0. */
  readonly run?: {
    /** Its id, of 1 to 1,024 bytes: its own in the session. A longer one rejects with `bad_request`. */
    readonly run: string;
    /**
     * Opaque to the log; comes back in `LiveRun` and `KnownCommand`. At most 8,192 bytes, since it stays with the
     * command; more reject with `too_large`.
     */
    readonly info: string;
    /**
     * The same, for as long as the run is live: it counts as part of the session until then (HF-LOG-29). At most
     * `entryBytes`. Absent: empty.
     */
    readonly kept?: string;
    /** The run's lease, in ms: until then it is written or renewed, or it is suspected. */
    readonly leaseMs: number;
    /** Appended at once, ending the run as `stopped`, when the command was cancelled before it came. */
    readonly stopped: NewEntry;
  };
}

/** Conditions of a send, looked at in this order, once it is known that the command is no repetition. */
export interface SendConditions {
  /** When `true`: there is such a session; else `gone` (HF-LOG-8). */
  readonly begun?: boolean;
  /**
   * No command was accepted behind this position, and the log has it; else `stale` (HF-LOG-8, HF-LOG-9). The
   * epoch of a session that does not exist is empty.
   */
  readonly noSendSince?: Position;
  /** There is a hold, or none, as this says; else `free` or `held` (HF-LOG-12). */
  readonly held?: boolean;
  /** When `true`: no run is live, also none whose lease has run out; else `busy` (HF-LOG-10). */
  readonly idle?: boolean;
  /** The run of this id is live; else `ended` (HF-LOG-11). */
  readonly runLive?: string;
}

/** A command that was accepted. */
export interface KnownCommand {
  /** Epoch of the session. */
  readonly epoch: string;
  /** Id of the entry before the command's first entry. */
  readonly before: string;
  /** The run that it has started; absent when it had none. */
  readonly run?: {
    /** Its id. */
    readonly run: string;
    /** The text of `SendCommand.run.info`. */
    readonly info: string;
    /** State of the run now; `lost` too where nothing is known of it any more. */
    readonly state: RunState;
  };
}

/** Answer to a send. */
export type SendOutcome =
  | ({
      /** `duplicate`: accepted before; this is what was accepted then, and the run as it is now. */
      readonly kind: 'accepted' | 'duplicate';
    } & KnownCommand)
  /** Nothing has changed. */
  | { readonly kind: 'refused'; readonly why: SendRefusal };

/**
 * Reason for which a send changed nothing. `full`: the session would pass `sessionBytes` or `sessionEntries`, or as many
 * commands are remembered as may be. `other`: the command id was used for something else (`SendCommand.digest`).
 * All others are conditions that do not hold ({@link SendConditions}).
 */
export type SendRefusal = 'full' | 'other' | 'gone' | 'stale' | 'held' | 'free' | 'busy' | 'ended';
