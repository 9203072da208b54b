import type { CancelState, Outcome } from '@holdfast/protocol';
import type { Durability } from './durability.ts';
import type { LiveRun, NewEntry } from './entries.ts';

/** Runs, from their start to their end: PROTOCOL.md section 10. */
export interface Runs {
  /**
   * The record of a run: while it is live, and for `commandMs` after its end, also when its session was
   * deleted meanwhile. `null` when it knows none. Changes nothing, and does not count as activity of the session.
   */
  run(session: string, run: string): Promise<KnownRun | null>;

  /**
   * The hot path: the next entry of a run. With `end` it is the run's last. Renews the lease for as long as it
   * was last asked for (HF-LOG-23).
   */
  append(session: string, append: AppendCommand): Promise<AppendOutcome>;

  /** Renews a run's lease, takes the run over (HF-LOG-22), or gives it up (HF-LOG-25). */
  renew(session: string, lease: LeaseCommand): Promise<LeaseOutcome>;

  /** Asks a run to stop, once however many ask (HF-FRM-4, HF-FRM-5). */
  cancel(session: string, cancel: CancelCommand): Promise<CancelOutcome>;

  /**
   * A look at a run whose lease has run out: the first one marks it as suspected, and says `lost` only when
   * it was marked long enough ago (HF-LOG-24). A mark that nobody has looked at for three times `graceMs` is made
   * anew.
   */
  suspect(session: string, suspect: SuspectCommand): Promise<SuspectOutcome>;

  /**
   * Ends a run whose lease has run out and that is suspected for long enough, with the given last entry; only
   * then, and only once (HF-RUN-12). One that is not suspected yet is from then on. `false` when there was
   * nothing to reap. The entry is taken where the session is full.
   */
  reap(session: string, reap: ReapCommand): Promise<boolean>;
}

/** State of a run: live, or how it has ended. */
export type RunState = 'running' | Outcome;

/** The record of a run. */
export type KnownRun =
  /** Live, also when its lease has run out. */
  | ({
      readonly state: 'running';
      /** Epoch of the session. */
      readonly epoch: string;
    } & LiveRun)
  /** Ended. */
  | {
      /** Outcome of the run. */
      readonly state: Outcome;
      /** Epoch of the session in which it ended, which may be gone. */
      readonly epoch: string;
      /** Its id. */
      readonly run: string;
      /** True when a stop was asked for before. */
      readonly cancelled: boolean;
    };

/** The next entry of a run. */
export interface AppendCommand {
  /** The run's id. */
  readonly run: string;
  /** Attempt of the writer: a lower one than the run's is fenced, a higher one takes the run over with number 0. */
  readonly attempt: number;
  /** Producer sequence: 1 for the entry behind the run's start (HF-LOG-2). */
  readonly seq: number;
  /** Entry to be written. */
  readonly entry: NewEntry;
  /** As `SendCommand.durability`. */
  readonly durability?: Durability;
  /** Given with the entry that ends the run. That is taken where the session is full. */
  readonly end?: {
    /** Outcome of the run. */
    readonly outcome: Outcome;
  };
}

/** Answer to an append. */
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

/** Renewal of a run's lease. */
export interface LeaseCommand {
  /** The run's id. */
  readonly run: string;
  /** Attempt of the writer; a higher one than the run's takes it over. */
  readonly attempt: number;
  /**
   * Time for which the lease goes on from now, in ms. 0 gives the run up: it counts as lost at the next look, unless
   * somebody writes or renews before, and subscribers are told of a gap so that they look (HF-LOG-25).
   */
  readonly leaseMs: number;
  /**
   * Name of the process that takes the attempt, where several may want it: the first to name itself has it, and
   * any other is `fenced`. Its renewals need not say it again. Absent: whoever says the attempt has it.
   */
  readonly holder?: string;
  /** Conditions for taking a higher attempt: where one does not hold it is refused, and changes nothing. Absent: none. */
  readonly if?: {
    /** When `true`: the lease has run out; else `leased` (HF-LOG-22). */
    readonly lapsed?: boolean;
  };
}

/** Answer to a renewal. */
export type LeaseOutcome =
  /** The lease holds. `cancelled`: a stop was asked for. */
  | { readonly kind: 'held'; readonly cancelled: boolean }
  /** Answers as in {@link AppendOutcome}. */
  | { readonly kind: 'fenced' | 'closed' | 'unknown' }
  /** `leased`: see `LeaseCommand.if`. */
  | { readonly kind: 'refused'; readonly why: 'leased' };

/** Wish that a run stops. */
export interface CancelCommand {
  /**
   * The run by its id, or by the id of the command that has started it; a command that has not come yet is
   * remembered for 10 min, and its run ends as `stopped` when it comes.
   */
  readonly target:
    | {
        /** The run's id. */
        readonly run: string;
      }
    | {
        /** The command's id. */
        readonly command: string;
      };
  /** Makes the `cancel` entry once the run is known. Taken where the session is full. */
  readonly entry: (run: string) => NewEntry | Promise<NewEntry>;
}

/** Answer to a cancel. */
export interface CancelOutcome {
  /**
   * `missing`: there is no such session or run. `full`: 100 cancels of the session wait for commands that have not
   * come; nobody would be stopped by another one (HF-LOG-28).
   */
  readonly state: CancelState | 'missing' | 'full';
  /** The run's id; absent where none is known. */
  readonly run?: string;
}

/** A look at a run without a lease. */
export interface SuspectCommand {
  /** The run's id. */
  readonly run: string;
  /** The attempt that was seen without a lease. */
  readonly attempt: number;
  /** Time for which it has to be suspected before it counts as lost, in ms. */
  readonly graceMs: number;
}

/** Answer to a look. */
export type SuspectOutcome =
  /**
   * `alive`: it has a lease, another attempt, or has ended. `lost`: it was suspected for `graceMs`, and may be
   * reaped or taken over.
   */
  | { readonly kind: 'alive' | 'lost' }
  /** The run counts as lost in `leftMs` ms, unless it is written or renewed until then. */
  | { readonly kind: 'suspected'; readonly leftMs: number };

/** The end of a run that nobody writes any more. */
export interface ReapCommand {
  /** The run's id. */
  readonly run: string;
  /** The attempt that was seen without a lease. */
  readonly attempt: number;
  /** Grace as in {@link SuspectCommand}: nothing is reaped that is not suspected for so long, in ms. @default 0 */
  readonly graceMs?: number;
  /** Outcome of the run: `stopped` where it was asked to stop. @default 'lost' */
  readonly outcome?: 'lost' | 'stopped';
  /** The run's last. */
  readonly entry: NewEntry;
}
