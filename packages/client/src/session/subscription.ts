import {
  type ClientFrame,
  type EntryFrame,
  errorCodes,
  formatPosition,
  HoldfastError,
  type Limits,
  origin,
  type Position,
  parsePosition,
  type RunInfo,
  type SnapshotFrame,
  type SnapshotItem,
  type WireError,
} from '@holdfast/protocol';
import type { SessionFrame } from '../connection/connection.ts';
import type { Environment } from '../environment.ts';
import { Timers } from '../timers.ts';

/** The wire as a session uses it. */
export interface Wire {
  /** Keeps a socket open until the returned function is called. */
  want(): () => void;
  /** False when there is no socket; a `greet` comes when there is one. */
  send(frame: ClientFrame): boolean;
  nextRequest(): number;
  /** Whether the gateway will take one more acknowledgement now. */
  mayAcknowledge(): boolean;
}

/** Who keeps what a subscription brings. */
export interface Subscriber {
  load(items: readonly SnapshotItem[], runs: readonly RunInfo[], through: string): void;
  apply(entry: Readonly<Record<string, unknown>>): void;
  /** Caught up, or refused, or applied something. */
  changed(): void;
  /** Nothing more will come. */
  refused(error: Error): void;
}

export interface SubscriptionOptions {
  readonly session: string;
  readonly wire: Wire;
  readonly limits: Limits;
  readonly environment: Environment;
  readonly subscriber: Subscriber;
  readonly report: (error: unknown) => void;
}

export type SubscriptionState =
  /** Not wanted. */
  | { readonly kind: 'off' }
  /** Wanted, and not known to the present socket. */
  | { readonly kind: 'detached' }
  | { readonly kind: 'subscribing'; readonly r: number }
  /** Collects the parts of a snapshot. */
  | { readonly kind: 'loading'; readonly items: readonly SnapshotItem[] }
  | { readonly kind: 'replaying' }
  | { readonly kind: 'live' }
  /** Subscribes again soon. */
  | { readonly kind: 'broken' }
  | { readonly kind: 'refused'; readonly error: Error };

/** HF-SUB-5 */
const resubscribeMs = 1_000;

/** Follows the log of one session over whatever socket there is, from the last entry applied. */
export class Subscription {
  readonly #options: SubscriptionOptions;
  readonly #timers: Timers<'ack' | 'resubscribe'>;
  #state: SubscriptionState = { kind: 'off' };
  #unwant: (() => void) | undefined;
  #position: Position | null = null;
  /** Where knowledge begins; null when it goes back to the first entry or to a snapshot. */
  #knownFrom: Position | null = null;
  #subscribedAt = Number.NEGATIVE_INFINITY;
  #unacknowledged = 0;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#timers = new Timers(options.environment);
  }

  get state(): SubscriptionState {
    return this.#state;
  }

  /** The last entry that was applied. A session that does not exist yet has the epoch ''. */
  get position(): Position | null {
    return this.#position;
  }

  /** Whether entries before the first one that was received are known too, or their result. */
  get isWhole(): boolean {
    return this.#position !== null && this.#knownFrom === null;
  }

  /** Begins to follow, or tries again; `from` says where when nothing is known yet. */
  start(from?: string): void {
    if (this.#state.kind !== 'off' && this.#state.kind !== 'refused') return;
    if (!this.#position) {
      this.#position = parsePosition(from);
      this.#knownFrom = this.#position?.id === origin ? null : this.#position;
    }
    this.#state = { kind: 'detached' };
    const before = this.#unwant;
    this.#unwant = this.#options.wire.want();
    before?.();
    this.greet();
  }

  stop(): void {
    this.#timers.clear();
    if (this.#isOnWire) this.#options.wire.send({ t: 'unsub', s: this.#options.session });
    this.#state = { kind: 'off' };
    this.#unwant?.();
    this.#unwant = undefined;
  }

  /** Asks for a snapshot in the place of what is known. */
  startOver(): void {
    this.#position = null;
    this.#knownFrom = null;
    this.#breakOff();
  }

  /** A session got its epoch when it was first written to. */
  adoptEpoch(epoch: string): void {
    if (this.#position?.epoch === '') this.#position = { ...this.#position, epoch };
  }

  /** Subscribes when there is a socket that does not know of it. */
  greet(): void {
    if (this.#state.kind !== 'detached') return;
    const { wire, session, environment } = this.#options;
    const r = wire.nextRequest();
    const pos = this.#position?.epoch ? { pos: formatPosition(this.#position) } : {};
    if (!wire.send({ t: 'sub', r, s: session, ...pos })) return;
    this.#subscribedAt = environment.now();
    this.#unacknowledged = 0;
    this.#state = { kind: 'subscribing', r };
  }

  lost(): void {
    this.#timers.clear();
    if (this.#state.kind !== 'off' && this.#state.kind !== 'refused')
      this.#state = { kind: 'detached' };
  }

  refuse(error: Error): void {
    if (this.#state.kind === 'off') return;
    this.#timers.clear();
    this.#state = { kind: 'refused', error };
    this.#options.subscriber.refused(error);
    this.#options.subscriber.changed();
  }

  receive(frame: SessionFrame, size: number): void {
    const { kind } = this.#state;
    switch (frame.t) {
      case 'subbed':
        if (this.#state.kind !== 'subscribing' || this.#state.r !== frame.r) return;
        this.#state =
          frame.mode === 'replay' ? { kind: 'replaying' } : { kind: 'loading', items: [] };
        return;
      case 'reset':
        if (this.#isOnWire && kind !== 'subscribing') this.#state = { kind: 'loading', items: [] };
        return;
      case 'snap':
        this.#load(frame, size);
        return;
      case 'entry':
        if (kind === 'replaying' || kind === 'live') this.#apply(frame, size);
        return;
      case 'live':
        if (kind !== 'replaying') return;
        this.#state = { kind: 'live' };
        this.#options.subscriber.changed();
        return;
      case 'closed':
        if (this.#isOnWire) this.#close(frame.why);
        return;
      case 'res':
        if (this.#state.kind === 'subscribing' && this.#state.r === frame.r && frame.err)
          this.#answerRefusal(frame.err);
    }
  }

  get #isOnWire(): boolean {
    const { kind } = this.#state;
    return kind === 'subscribing' || kind === 'loading' || kind === 'replaying' || kind === 'live';
  }

  #load(frame: SnapshotFrame, size: number): void {
    const before = this.#state;
    if (!this.#isOnWire || before.kind === 'subscribing') return;
    const items = before.kind === 'loading' ? [...before.items, ...frame.items] : frame.items;
    this.#acknowledge(frame.through, size);
    if (frame.more) {
      this.#state = { kind: 'loading', items };
      return;
    }
    this.#options.subscriber.load(items, frame.runs ?? [], frame.through);
    this.#position = { epoch: frame.epoch, id: frame.through };
    this.#knownFrom = null;
    // A session that begins is told of by a snapshot without a reset, and stays live (HF-SUB-8).
    if (before.kind !== 'live') this.#state = { kind: 'replaying' };
    this.#options.subscriber.changed();
  }

  #apply({ p, i, d }: EntryFrame, size: number): void {
    // A chain that is broken has lost entries: going on would be a silent hole (HF-SUB-4).
    if (!this.#position || p !== this.#position.id) {
      this.#breakOff();
      return;
    }
    this.#position = { epoch: this.#position.epoch, id: i };
    try {
      this.#options.subscriber.apply(d as unknown as Readonly<Record<string, unknown>>);
    } catch (error) {
      this.#options.report(error);
    }
    this.#acknowledge(i, size);
    this.#options.subscriber.changed();
  }

  /** HF-FLOW-1; what the gateway would count as too many frames waits for the timer. */
  #acknowledge(id: string, size: number): void {
    this.#unacknowledged += size;
    const { ackBytes, ackMs } = this.#options.limits;
    if (this.#unacknowledged >= ackBytes && this.#sayAcknowledged(id)) return;
    if (!this.#timers.has('ack'))
      this.#timers.set('ack', ackMs, () => {
        const last = this.#position?.id ?? id;
        if (!this.#sayAcknowledged(last)) this.#acknowledge(last, 0);
      });
  }

  #sayAcknowledged(id: string): boolean {
    const { wire, session } = this.#options;
    if (!this.#isOnWire) return true;
    if (!wire.mayAcknowledge()) return false;
    this.#timers.clear('ack');
    this.#unacknowledged = 0;
    wire.send({ t: 'ack', s: session, i: id });
    return true;
  }

  #close(why: string): void {
    const { session } = this.#options;
    if (why === 'deleted') {
      this.#position = null;
      this.refuse(
        new HoldfastError('conflict', `unable to follow session ${session}: it was deleted`),
      );
      this.#options.subscriber.load([], [], origin);
      return;
    }
    this.refuse(
      new HoldfastError('forbidden', `unable to follow session ${session}: not allowed any more`),
    );
  }

  #answerRefusal(err: WireError): void {
    if (err.code === 'bad_request' && this.#position) {
      this.startOver();
      return;
    }
    if (errorCodes[err.code]?.retry === 'after') this.#breakOff(err.retryMs);
    else this.refuse(new HoldfastError(err.code, err.message));
  }

  #breakOff(leastMs = 0): void {
    const { environment, session, wire } = this.#options;
    if (this.#state.kind === 'off' || this.#state.kind === 'refused') return;
    if (this.#state.kind === 'detached') {
      this.greet();
      return;
    }
    if (this.#isOnWire) wire.send({ t: 'unsub', s: session });
    this.#state = { kind: 'broken' };
    const sinceMs = environment.now() - this.#subscribedAt;
    this.#timers.set('resubscribe', Math.max(leastMs, resubscribeMs - sinceMs), () => {
      this.#state = { kind: 'detached' };
      this.greet();
    });
  }
}
