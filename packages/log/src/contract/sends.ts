import type { Position } from '@holdfast/protocol';
import type { NewEntry } from './entries.ts';
import type { RunState } from './runs.ts';

/** What clients and the server send: entries, under conditions, and the runs that they start. PROTOCOL.md section 10. */
export interface Sends {
  /** One command of a client: entries, and at most one run that they start. */
  send(session: string, command: SendCommand): Promise<SendOutcome>;

  /**
   * What the log knows of an accepted command: what a repetition would be answered (HF-LOG-5). `null` when it
   * knows none: it was not accepted, or longer ago than `commandMs`, or its session is gone. Changes nothing.
   */
  command(session: string, command: string): Promise<KnownCommand | null>;
}

export interface SendCommand {
  /** Idempotency key; remembered for `commandMs` (HF-LOG-5). */
  readonly command: string;
  /**
   * What the command says, in short: a repetition that says something else is answered `other`.
   * Absent where the command id says it all.
   */
  readonly digest?: string;
  /** What must be so, or the send is refused and changes nothing. Absent: it is accepted however it is. */
  readonly if?: SendConditions;
  /** Sets a hold of the session, or lifts it; as it was when absent (HF-LOG-12). */
  readonly setHold?: boolean;
  readonly entries: readonly NewEntry[];
  /** The run that the last of `entries` starts; that entry counts as the run's number 0. */
  readonly run?: {
    readonly run: string;
    /** Opaque to the log; comes back in `Head.runs` and `SendOutcome`. Short: it stays with the command. */
    readonly info: string;
    /** The same, for as long as the run is live: it counts as part of the session until then (HF-LOG-29). */
    readonly kept?: string;
    readonly leaseMs: number;
    /** Appended at once, ending the run as `stopped`, when the command was cancelled before it came. */
    readonly stopped: NewEntry;
  };
}

/** They are looked at in this order, and once it is known that the command is no repetition. */
export interface SendConditions {
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
  readonly epoch: string;
  /** Id of the entry before the command's first entry. */
  readonly before: string;
  /** Absent when the command had no run. */
  readonly run?: {
    readonly run: string;
    /** What `SendCommand.run.info` said. */
    readonly info: string;
    /** How it is now; `lost` too where nothing is known of it any more. */
    readonly state: RunState;
  };
}

export type SendOutcome =
  /** `duplicate`: it was accepted before, and this is what was accepted then. */
  | ({ readonly kind: 'accepted' | 'duplicate' } & KnownCommand)
  | { readonly kind: 'refused'; readonly why: SendRefusal };

/**
 * Why a send changed nothing. `full`: the session, or what is remembered of its commands, would pass a limit.
 * `other`: the command id was used for something else (`SendCommand.digest`). All others are conditions that do
 * not hold ({@link SendConditions}).
 */
export type SendRefusal = 'full' | 'other' | 'stale' | 'held' | 'free' | 'busy' | 'ended';
