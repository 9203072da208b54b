import type { CancelState, Outcome, Position, ResetReason } from '@holdfast/protocol';

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
 * the store. Expected outcomes are return values, not errors.
 */
export interface SessionLog {
  /** Resolves when the store can serve; rejects with words that say what is wrong with it. */
  ready(): Promise<void>;

  /** State of a session; `null` when there is none. */
  head(session: string): Promise<Head | null>;

  /** Entries after a position, oldest first, or the reason why the position does not hold. */
  read(session: string, request: ReadRequest): Promise<ReadResult>;

  /** One command of a client: entries, and at most one run that they start. */
  send(session: string, command: SendCommand): Promise<SendOutcome>;

  /** The hot path: the next entry of a run. With `end` it is the run's last. */
  append(session: string, append: AppendCommand): Promise<AppendOutcome>;

  /** Renews a run's lease. */
  renew(session: string, lease: LeaseCommand): Promise<LeaseOutcome>;

  /** Asks a run to stop, once however many ask (HF-FRM-4, HF-FRM-5). */
  cancel(session: string, cancel: CancelCommand): Promise<CancelOutcome>;

  /**
   * Ends a run whose lease has run out, with the given last entry; only then, and only once
   * (HF-RUN-5). `false` when there was nothing to reap.
   */
  reap(session: string, reap: ReapCommand): Promise<boolean>;

  /** Removes the session with everything that belongs to it; `false` when there was none. */
  delete(session: string): Promise<boolean>;

  /**
   * Deliveries of a session from now on, as a hint (HF-LOG-6, HF-LOG-7): they come in order but
   * some may be missing. Resolves when the subscription stands, so that a read behind it together
   * with the deliveries misses nothing. The listener MUST NOT throw.
   */
  subscribe(session: string, listener: (delivery: Delivery) => void): Promise<Unsubscribe>;

  /** Ends subscriptions and connections of this log's own. Later calls reject as `unavailable`. */
  close(): Promise<void>;
}

export type Unsubscribe = () => void;

/** An entry's body with the nonce that its writer chose: an integer of 1 to 2^31-1. */
export interface NewEntry {
  readonly nonce: number;
  /** JSON text of an `Entry`. */
  readonly body: string;
}

export interface StoredEntry {
  readonly id: string;
  /** The id of the entry before it. */
  readonly prev: string;
  readonly body: string;
}

export type Delivery =
  /** A new entry. `body` is null when it was too large to be delivered: read it. */
  | {
      readonly kind: 'entry';
      readonly epoch: string;
      readonly prev: string;
      readonly id: string;
      readonly body: string | null;
    }
  /** Deliveries may have been missed; compare with the log. */
  | { readonly kind: 'gap' }
  | { readonly kind: 'deleted' };

export interface LiveRun {
  readonly run: string;
  readonly attempt: number;
  /** What `SendCommand.run.info` said. */
  readonly info: string;
  /** False when the lease has run out. */
  readonly leased: boolean;
  readonly cancelled: boolean;
}

export interface Head {
  readonly epoch: string;
  /** Id of the newest entry; `0-0` when there is none. */
  readonly top: string;
  /** Id of the entry before the oldest one that is kept; `0-0` when nothing was trimmed. */
  readonly floor: string;
  /** Bytes of bodies in the log. */
  readonly bytes: number;
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

export interface SendCommand {
  /** Idempotency key; remembered for `commandMs` (HF-LOG-5). */
  readonly command: string;
  readonly entries: readonly NewEntry[];
  /** The run that the last of `entries` starts; that entry counts as the run's number 0. */
  readonly run?: {
    readonly run: string;
    /** Opaque to the log; comes back in `Head.runs` and `SendOutcome`. */
    readonly info: string;
    readonly leaseMs: number;
    /** Appended at once, ending the run as `stopped`, when the command was cancelled before it came. */
    readonly stopped: NewEntry;
  };
}

export type SendOutcome =
  | {
      readonly kind: 'accepted' | 'duplicate';
      readonly epoch: string;
      /** Id of the entry before the command's first entry. */
      readonly before: string;
      /** Of the command that was accepted first; absent when it had no run. */
      readonly run?: {
        readonly run: string;
        readonly info: string;
        readonly state: 'running' | Outcome;
      };
    }
  | { readonly kind: 'full' };

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
  readonly leaseMs: number;
}

export type LeaseOutcome =
  | { readonly kind: 'held'; readonly cancelled: boolean }
  | { readonly kind: 'fenced' | 'closed' | 'unknown' };

export interface CancelCommand {
  readonly target: { readonly run: string } | { readonly command: string };
  /** Makes the `cancel` entry once the run is known. */
  readonly entry: (run: string) => NewEntry;
}

/** `missing`: there is no such session or run. */
export interface CancelOutcome {
  readonly state: CancelState | 'missing';
  readonly run?: string;
}

export interface ReapCommand {
  readonly run: string;
  /** The attempt that was seen without a lease. */
  readonly attempt: number;
  readonly entry: NewEntry;
}

/** Options that every implementation takes; defaults are those of the protocol's limits. */
export interface LogLimits {
  readonly entryBytes: number;
  readonly sessionBytes: number;
  readonly retentionMs: number;
  readonly commandMs: number;
}
