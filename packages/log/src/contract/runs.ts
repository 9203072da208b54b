import type { CancelState, Outcome } from '@holdfast/protocol';
import type { LiveRun, NewEntry } from './entries.ts';

/** Runs, from their start to their end: PROTOCOL.md section 10. */
export interface Runs {
  /**
   * The record of a run, live or ended: one that has ended for `commandMs` longer, also when its session
   * was deleted meanwhile. `null` when it knows none. Changes nothing.
   */
  run(session: string, run: string): Promise<KnownRun | null>;

  /**
   * The hot path: the next entry of a run. With `end` it is the run's last. Renews the lease for as long as it
   * was last asked for (HF-LOG-23).
   */
  append(session: string, append: AppendCommand): Promise<AppendOutcome>;

  /** Renews a run's lease, or takes the run over (HF-LOG-22). */
  renew(session: string, lease: LeaseCommand): Promise<LeaseOutcome>;

  /** Asks a run to stop, once however many ask (HF-FRM-4, HF-FRM-5). */
  cancel(session: string, cancel: CancelCommand): Promise<CancelOutcome>;

  /**
   * A look at a run whose lease has run out: the first one marks it as suspected, and says `lost` only when
   * it was marked long enough ago (HF-LOG-24). A mark that nobody has looked at for long is made anew.
   */
  suspect(session: string, suspect: SuspectCommand): Promise<SuspectOutcome>;

  /**
   * Ends a run whose lease has run out and that is suspected for long enough, with the given last entry; only
   * then, and only once (HF-RUN-12). One that is not suspected yet is from then on. `false` when there was nothing to reap.
   */
  reap(session: string, reap: ReapCommand): Promise<boolean>;
}

export type RunState = 'running' | Outcome;

/** `epoch` is that of the session in which it was live, which may be gone. */
export type KnownRun =
  /** Live, also when its lease has run out. */
  | ({ readonly state: 'running'; readonly epoch: string } & LiveRun)
  /** Ended; `cancelled`: a stop was asked for before. */
  | {
      readonly state: Outcome;
      readonly epoch: string;
      readonly run: string;
      readonly cancelled: boolean;
    };

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
   * subscribers are told of a gap so that they look (HF-LOG-25).
   */
  readonly leaseMs: number;
  /**
   * Name of the process that takes the attempt, where several may want it: the first to name itself has it, and
   * any other is `fenced`. Its renewals need not say it again.
   */
  readonly holder?: string;
  /** Conditions for taking a higher attempt: where one does not hold it is refused, and changes nothing. */
  readonly if?: {
    /** When `true`: the lease has run out; else `leased` (HF-LOG-22). */
    readonly lapsed?: boolean;
  };
}

export type LeaseOutcome =
  | { readonly kind: 'held'; readonly cancelled: boolean }
  /** As in {@link AppendOutcome}. */
  | { readonly kind: 'fenced' | 'closed' | 'unknown' }
  /** `leased`: see `LeaseCommand.if`. */
  | { readonly kind: 'refused'; readonly why: 'leased' };

export interface CancelCommand {
  readonly target: { readonly run: string } | { readonly command: string };
  /** Makes the `cancel` entry once the run is known. */
  readonly entry: (run: string) => NewEntry | Promise<NewEntry>;
}

/**
 * `missing`: there is no such session or run. `full`: too many cancels wait for commands that have not
 * come; nobody would be stopped by another one (HF-LOG-28).
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
