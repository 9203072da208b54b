import type { CancelState, Outcome } from '@holdfast/protocol';
import type { NewEntry } from './session-log.ts';

export interface AppendCommand {
  readonly run: string;
  readonly attempt: number;
  /** Producer sequence: 1 for the entry behind the run's start (HF-LOG-2). */
  readonly seq: number;
  readonly entry: NewEntry;
  /** Given with the entry that ends the run. */
  readonly end?: { readonly outcome: Outcome };
}

export type AppendOutcome =
  /** Written now or before. `cancelled`: a stop was asked for. */
  | { readonly kind: 'appended' | 'duplicate'; readonly cancelled: boolean }
  /** Entries before it are missing: send again from `expected`. */
  | { readonly kind: 'gap'; readonly expected: number }
  /** A higher attempt has taken over. */
  | { readonly kind: 'fenced' }
  /** The run has ended, or the session was deleted. */
  | { readonly kind: 'closed' }
  /** The log does not know the run, nor that it ended: its start was lost. Repeat the send. */
  | { readonly kind: 'unknown' }
  /** Only an entry with `end` still fits. */
  | { readonly kind: 'full' };

export interface LeaseCommand {
  readonly run: string;
  readonly attempt: number;
  /**
   * 0 gives the run up: it counts as lost at the next look, unless somebody writes or renews before, and
   * subscribers are told of a gap so that they look (HF-LOG-37).
   */
  readonly leaseMs: number;
  /**
   * Who takes the attempt, where several may want it: the first to name itself has it, and any other is
   * `fenced`. Its renewals need not say it again.
   */
  readonly holder?: string;
  /** A higher attempt is taken only when the lease has run out: else `leased`. */
  readonly lapsed?: boolean;
}

export type LeaseOutcome =
  | { readonly kind: 'held'; readonly cancelled: boolean }
  | { readonly kind: 'fenced' | 'closed' | 'unknown' | 'leased' };

export interface CancelCommand {
  readonly target: { readonly run: string } | { readonly command: string };
  /** Makes the `cancel` entry once the run is known. */
  readonly entry: (run: string) => NewEntry | Promise<NewEntry>;
}

/**
 * `missing`: there is no such session or run. `full`: too many cancels wait for commands that have not
 * come; nobody would be stopped by another one (HF-LOG-24).
 */
export interface CancelOutcome {
  readonly state: CancelState | 'missing' | 'full';
  readonly run?: string;
}

export interface SuspectCommand {
  readonly run: string;
  /** The attempt that was seen without a lease. */
  readonly attempt: number;
  /** How long it has to be suspected before it counts as lost, in ms. */
  readonly graceMs: number;
}

/**
 * `alive`: it has a lease, another attempt, or has ended. `suspected`: it counts as lost in `leftMs`, unless
 * it is written or renewed until then. `lost`: it was suspected for `graceMs`, and may be reaped or taken over.
 */
export type SuspectOutcome =
  | { readonly kind: 'alive' | 'lost' }
  | { readonly kind: 'suspected'; readonly leftMs: number };

export interface ReapCommand {
  readonly run: string;
  /** The attempt that was seen without a lease. */
  readonly attempt: number;
  /** As in {@link SuspectCommand}: nothing is reaped that is not suspected for so long. @default 0 */
  readonly graceMs?: number;
  /** How it ended: `stopped` where it was asked to stop. @default 'lost' */
  readonly outcome?: 'lost' | 'stopped';
  readonly entry: NewEntry;
}
