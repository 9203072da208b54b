import {
  type ClientLimits,
  type EntryFrame,
  HoldfastError,
  origin,
  type RunInfo,
  type SnapshotFrame,
  type SnapshotItem,
  type WireError,
} from '@holdfast/protocol';
import type { Connection, ConnectionUser } from '../connection/connection.ts';
import type { Environment } from '../environment.ts';
import { mayPass, unable } from '../errors.ts';
import { createTimers } from '../timers.ts';
import { hasEpoch, idOf } from './position.ts';

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
  readonly connection: Connection;
  readonly limits: ClientLimits;
  readonly environment: Environment;
  readonly subscriber: Subscriber;
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
export interface Subscription extends ConnectionUser {
  readonly state: SubscriptionState;
  /** The last entry that was applied, `<epoch>:<id>`; opaque but for its parts. */
  readonly position: string | undefined;
  /** Whether entries before the first one that was received are known too, or their result. */
  readonly isWhole: boolean;
  /** Begins to follow, or tries again; `from` says where when nothing is known yet. */
  start(from?: string): void;
  stop(): void;
  /** Asks for a snapshot in the place of what is known. */
  startOver(): void;
  /** A session got its epoch when it was first written to. */
  adoptEpoch(position: string): void;
}

export function createSubscription(options: SubscriptionOptions): Subscription {
  const { session, connection, limits, environment, subscriber } = options;
  const timers = createTimers<'ack' | 'resubscribe'>(environment);
  let state: SubscriptionState = { kind: 'off' };
  let unwant: (() => void) | undefined;
  let position: string | undefined;
  /** Knowledge begins in the middle of the log. */
  let isPartial = false;
  let subscribedAt = Number.NEGATIVE_INFINITY;
  let unacknowledged = 0;
  let received: string = origin;

  const isOnWire = (): boolean =>
    ['subscribing', 'loading', 'replaying', 'live'].includes(state.kind);
  const isWanted = (): boolean => state.kind !== 'off' && state.kind !== 'refused';

  /** Subscribes when there is a socket that does not know of it. */
  function greet(): void {
    if (state.kind !== 'detached') return;
    const r = connection.nextRequest();
    const pos = hasEpoch(position) ? { pos: position } : {};
    if (!connection.send({ t: 'sub', r, s: session, ...pos })) return;
    subscribedAt = environment.now();
    unacknowledged = 0;
    state = { kind: 'subscribing', r };
  }

  function refuse(error: Error): void {
    if (state.kind === 'off') return;
    timers.clear();
    state = { kind: 'refused', error };
    subscriber.refused(error);
    subscriber.changed();
  }

  function load({ items, epoch, through, runs = [], more }: SnapshotFrame, size: number): void {
    const before = state;
    if (!isOnWire() || before.kind === 'subscribing') return;
    acknowledge(through, size);
    const all = before.kind === 'loading' ? [...before.items, ...items] : items;
    if (more) {
      state = { kind: 'loading', items: all };
      return;
    }
    // A session that begins is told of by a snapshot without a reset, and stays live (HF-SUB-8).
    if (before.kind !== 'live') state = { kind: 'replaying' };
    position = `${epoch}:${through}`;
    isPartial = false;
    subscriber.load(all, runs, through);
    subscriber.changed();
  }

  function apply({ p, i, d }: EntryFrame, size: number): void {
    // A chain that is broken has lost entries: going on would be a silent hole (HF-SUB-4).
    if (!position?.endsWith(`:${p}`)) {
      breakOff();
      return;
    }
    position = position.slice(0, -p.length) + i;
    acknowledge(i, size);
    try {
      subscriber.apply(d as unknown as Readonly<Record<string, unknown>>);
    } finally {
      subscriber.changed();
    }
  }

  /** HF-FLOW-1 */
  function acknowledge(id: string, size: number): void {
    received = id;
    unacknowledged += size;
    if (unacknowledged >= limits.ackBytes) sayAcknowledged();
    else if (!timers.has('ack')) timers.set('ack', limits.ackMs, sayAcknowledged);
  }

  function sayAcknowledged(): void {
    timers.clear('ack');
    unacknowledged = 0;
    if (isOnWire()) connection.send({ t: 'ack', s: session, i: received });
  }

  function startOver(): void {
    position = undefined;
    isPartial = false;
    breakOff();
  }

  function answerRefusal({ code, message, retryMs }: WireError): void {
    if (code === 'bad_request' && position) startOver();
    else if (mayPass(code)) breakOff(retryMs);
    else refuse(new HoldfastError(code, message));
  }

  function breakOff(leastMs = 0): void {
    if (!isWanted()) return;
    if (state.kind === 'detached') {
      greet();
      return;
    }
    if (isOnWire()) connection.send({ t: 'unsub', s: session });
    state = { kind: 'broken' };
    const sinceMs = environment.now() - subscribedAt;
    timers.set('resubscribe', Math.max(leastMs, resubscribeMs - sinceMs), () => {
      state = { kind: 'detached' };
      greet();
    });
  }

  return {
    get state() {
      return state;
    },
    get position() {
      return position;
    },
    get isWhole() {
      return position !== undefined && !isPartial;
    },
    start: (from) => {
      if (isWanted()) return;
      if (!position) {
        position = from;
        isPartial = from !== undefined && idOf(from) !== origin;
      }
      state = { kind: 'detached' };
      const before = unwant;
      unwant = connection.want();
      before?.();
      greet();
    },
    stop: () => {
      timers.clear();
      if (isOnWire()) connection.send({ t: 'unsub', s: session });
      state = { kind: 'off' };
      unwant?.();
      unwant = undefined;
    },
    startOver,
    adoptEpoch: (from) => {
      if (position && !hasEpoch(position)) position = from.slice(0, from.indexOf(':')) + position;
    },
    greet,
    lost: () => {
      timers.clear();
      if (isWanted()) state = { kind: 'detached' };
    },
    refuse,
    receive: (frame, size) => {
      if ('s' in frame && frame.s !== session) return;
      switch (frame.t) {
        case 'res':
          if (state.kind === 'subscribing' && state.r === frame.r && frame.err)
            answerRefusal(frame.err);
          return;
        case 'subbed':
          if (state.kind === 'subscribing' && state.r === frame.r)
            state =
              frame.mode === 'replay' ? { kind: 'replaying' } : { kind: 'loading', items: [] };
          return;
        case 'reset':
          if (isOnWire() && state.kind !== 'subscribing') state = { kind: 'loading', items: [] };
          return;
        case 'snap':
          load(frame, size);
          return;
        case 'entry':
          if (state.kind === 'replaying' || state.kind === 'live') apply(frame, size);
          return;
        case 'live':
          if (state.kind !== 'replaying') return;
          state = { kind: 'live' };
          subscriber.changed();
          return;
        case 'closed':
          if (!isOnWire()) return;
          if (frame.why === 'deleted') {
            position = undefined;
            refuse(unable('conflict', 'follow the session: it was deleted'));
            subscriber.load([], [], origin);
          } else refuse(unable('forbidden', 'follow the session: not allowed'));
      }
    },
  };
}
