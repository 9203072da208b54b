import type { Outcome, Position, ResetReason } from '@holdfast/protocol';
import type {
  CheckpointCommand,
  CheckpointOutcome,
  FoundItem,
  ItemsRequest,
  ItemsResult,
  Opened,
  OpenRequest,
  SeedCommand,
  SeedOutcome,
} from './messages.ts';
import type {
  AppendCommand,
  AppendOutcome,
  CancelCommand,
  CancelOutcome,
  LeaseCommand,
  LeaseOutcome,
  ReapCommand,
  SuspectCommand,
  SuspectOutcome,
} from './runs.ts';

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

  /**
   * A session at one moment, as far as a reader needs it: its newest stored messages and the entries
   * behind the checkpoint, read in one step so that nothing falls between the two (HF-LOG-12). `null`
   * when there is none. Counts as activity of the session.
   */
  open(session: string, request: OpenRequest): Promise<Opened | null>;

  /** Stored messages by their place; `null` when there is no session. */
  items(session: string, request: ItemsRequest): Promise<ItemsResult | null>;

  /** The place of a stored message by its key; `null` when it is not stored. */
  find(session: string, key: string): Promise<FoundItem | null>;

  /**
   * Puts what entries amount to in the place of the entries: stores messages, moves the checkpoint
   * and drops old entries, in one step (HF-LOG-11). Repeating it is `stale` and changes nothing.
   */
  checkpoint(session: string, checkpoint: CheckpointCommand): Promise<CheckpointOutcome>;

  /** Makes a session of stored messages, where there is none (HF-LOG-14). */
  seed(session: string, seed: SeedCommand): Promise<SeedOutcome>;

  /** One command of a client: entries, and at most one run that they start. */
  send(session: string, command: SendCommand): Promise<SendOutcome>;

  /**
   * The hot path: the next entry of a run. With `end` it is the run's last. Renews the lease for as long as it
   * was last asked for (HF-LOG-32).
   */
  append(session: string, append: AppendCommand): Promise<AppendOutcome>;

  /** Renews a run's lease, or takes the run over (HF-LOG-23). */
  renew(session: string, lease: LeaseCommand): Promise<LeaseOutcome>;

  /** Asks a run to stop, once however many ask (HF-FRM-4, HF-FRM-5). */
  cancel(session: string, cancel: CancelCommand): Promise<CancelOutcome>;

  /**
   * A look at a run whose lease has run out: the first one marks it as suspected, and says `lost` only when
   * it was marked long enough ago (HF-LOG-33). A mark that nobody has looked at for long is made anew.
   */
  suspect(session: string, suspect: SuspectCommand): Promise<SuspectOutcome>;

  /**
   * Ends a run whose lease has run out and that is suspected for long enough, with the given last entry; only
   * then, and only once (HF-RUN-5). One that is not suspected yet is from then on. `false` when there was nothing to reap.
   */
  reap(session: string, reap: ReapCommand): Promise<boolean>;

  /**
   * Removes the session with everything that belongs to it, its claims, reminders and early cancels too;
   * `false` when there was none. Of its runs stays only that they have ended.
   */
  delete(session: string): Promise<boolean>;

  /**
   * Deliveries of a session from now on, as a hint (HF-LOG-6, HF-LOG-7): they come in order but
   * some may be missing. Resolves when the subscription stands, so that a read behind it together
   * with the deliveries misses nothing. The listener MUST NOT throw.
   */
  subscribe(session: string, listener: (delivery: Delivery) => void): Promise<Unsubscribe>;

  /**
   * Told by who follows a session that entries were written which were not delivered, again and again, although
   * the subscription stands: it may be where nobody writes any more. Makes it anew, if that can be done;
   * deliveries begin with a gap then.
   */
  undelivered?(session: string): void;

  /**
   * Hands a text to all who are subscribed, this process included, and keeps it nowhere. It may be
   * lost; it is delivered in the order of the entries around it as far as the store can.
   */
  signal(session: string, text: string): Promise<void>;

  /**
   * Notes that somebody should look at the session in `afterMs`, in the place of an earlier note on
   * the same topic. Outlives the process, not the store. Resolves with what dismisses it.
   */
  remind(topic: ReminderTopic, session: string, afterMs: number): Promise<Reminder>;

  /**
   * Sessions whose time has come, oldest first, at most `limit`. Each is put off by `claimMs` in the
   * same step, so that one process at a time looks after it, and another one if that one dies.
   */
  due(topic: ReminderTopic, limit: number, claimMs: number): Promise<readonly Reminder[]>;

  /** Drops a note, unless it was set anew since. */
  dismiss(reminder: Reminder): Promise<void>;

  /**
   * Lets one holder at a time do what only one may do, until its lease runs out or it gives up
   * (HF-LOG-21). Makes no session, and goes with it.
   */
  claim(session: string, claim: ClaimCommand): Promise<ClaimOutcome>;

  /** Ends subscriptions and connections of this log's own. Later calls reject as `unavailable`. */
  close(): Promise<void>;
}

export type Unsubscribe = () => void;

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
   * write changes nothing and rejects with what `movedTop` reads the newest from (HF-LOG-28); what would
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

export type Delivery =
  /** A new entry. `body` is null when it was too large to be delivered: read it. */
  | {
      readonly kind: 'entry';
      readonly epoch: string;
      readonly prev: string;
      readonly id: string;
      readonly body: string | null;
    }
  /** What `signal` was given. */
  | { readonly kind: 'signal'; readonly text: string }
  /** Deliveries may have been missed; compare with the log. */
  | { readonly kind: 'gap' }
  | { readonly kind: 'deleted' };

export interface LiveRun {
  readonly run: string;
  readonly attempt: number;
  /** What `SendCommand.run.info` said. */
  readonly info: string;
  /** What `SendCommand.run.kept` said; empty when it said nothing. */
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

/** Why somebody should look: who looks for the one need not be able to do the other. */
export type ReminderTopic = 'approvals' | 'hooks' | 'queue' | 'runs';

export interface Reminder {
  readonly topic: ReminderTopic;
  readonly session: string;
  /** Tells this note from a later one. */
  readonly token: string;
}

export interface ClaimCommand {
  /** What is claimed. */
  readonly name: string;
  /** Who claims it: asked again under the same name it is a renewal. */
  readonly holder: string;
  /** 0 gives it up. */
  readonly leaseMs: number;
}

/** `taken`: by another holder, for `leftMs` unless it gives up or renews. `full`: the session has too many. */
export type ClaimOutcome =
  | { readonly kind: 'held' }
  | { readonly kind: 'full' }
  | { readonly kind: 'taken'; readonly leftMs: number };

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
  /**
   * What the command says, in short: a repetition that says something else is answered `other`.
   * Absent where the command id says it all.
   */
  readonly digest?: string;
  /**
   * Refused as `stale` when a command was accepted behind this position, or when it is one of another
   * epoch (HF-LOG-10). The epoch of a session that does not exist is empty.
   */
  readonly expect?: Position;
  /** Refused as `busy` while a run is live, also one whose lease has run out (HF-LOG-18). */
  readonly alone?: boolean;
  /** Refused as `ended` unless this run is live (HF-LOG-19). */
  readonly during?: string;
  /** Refused as `held` or `free` unless there is a hold, or none, as this says (HF-LOG-22). */
  readonly held?: boolean;
  /** Sets a hold, or lifts it; as it was when absent. */
  readonly hold?: 'set' | 'lift';
  readonly entries: readonly NewEntry[];
  /** The run that the last of `entries` starts; that entry counts as the run's number 0. */
  readonly run?: {
    readonly run: string;
    /** Opaque to the log; comes back in `Head.runs` and `SendOutcome`. Short: it stays with the command. */
    readonly info: string;
    /** The same, for as long as the run is live: it counts as part of the session until then (HF-LOG-25). */
    readonly kept?: string;
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
  /**
   * `stale`: see `expect`. `other`: the command id was used for something else (see `digest`). `busy`:
   * see `alone`. `ended`: see `during`. `held`, `free`: see `held`.
   */
  | { readonly kind: 'full' | 'stale' | 'other' | 'busy' | 'ended' | 'held' | 'free' };

/** Options that every implementation takes; defaults are those of the protocol's limits. */
export interface LogLimits {
  readonly entryBytes: number;
  readonly sessionBytes: number;
  readonly sessionEntries: number;
  readonly retentionMs: number;
  readonly commandMs: number;
}
