import { type HoldfastError, refusalOf, verdictOf } from '@holdfast/protocol';
import type { Carrier, ConnectionReason, ConnectionTrouble } from '../contract/connection.ts';
import { stuck, unable } from '../errors.ts';

/**
 * ```
 * idle ─want→ authorizing ─token→ connecting ─opened→ hello ─welcome→ online
 *               ↑   ↑                  │ lost, too late   │             │ lost, silent, drained
 *               │   └── retry ── backoff ←────────────────┴─────────────┤
 *               └── wake, late ─ offline ←── offline or hidden ─────────┘
 * authorizing ─no token, too late→ backoff
 * any ─unwant→ idle   any ─verdict give-up→ failed ─want→ authorizing   any ─close→ closed
 * failed for want of a right ─wake→ authorizing
 * ```
 */
export type ConnectionState =
  | { readonly kind: 'idle'; readonly trouble?: undefined }
  | { readonly kind: 'closed'; readonly trouble?: undefined }
  | ({ readonly kind: 'authorizing' | 'backoff' | 'offline' | 'failed' } & Tries)
  | Opening
  | Ready;

interface Tries {
  /** Failures since a connection last lived long enough. */
  readonly attempt: number;
  /** The last token was refused, and a fresh one is being tried. */
  readonly refreshed: boolean;
  /** Why the last one failed; none in a state that is online. */
  readonly trouble?: ConnectionTrouble | undefined;
}

interface Life {
  readonly since: number;
  /** How long nothing may come before the socket counts as dead, in ms. */
  readonly silenceMs: number;
}

export type Opening = { readonly kind: 'connecting' | 'hello' } & Tries;
type Ready = { readonly kind: 'online' } & Tries & Life;

export type ConnectionEvent =
  /** There is something to follow or to ask for. */
  | { readonly type: 'want' }
  | { readonly type: 'unwant' }
  | { readonly type: 'token' }
  | { readonly type: 'no-token' }
  | { readonly type: 'opened' }
  /** The gateway is there; `silenceMs` as in {@link Life}. */
  | { readonly type: 'welcome'; readonly silenceMs: number }
  | { readonly type: 'lost'; readonly code: number }
  /** No socket could even be made; trying again would not help. */
  | { readonly type: 'unusable'; readonly error: HoldfastError }
  /** The try has failed, and the next one is made with something else, at once. */
  | { readonly type: 'other' }
  /** The state's own timer. */
  | { readonly type: 'deadline' }
  | { readonly type: 'drained' }
  /** Nothing came behind a `ping`. */
  | { readonly type: 'silent' }
  | { readonly type: 'wake' }
  | { readonly type: 'offline' }
  | { readonly type: 'close' };

export interface Surroundings {
  readonly now: number;
  /** How long the socket has been silent. */
  readonly silentMs: number;
  /** A number of 0 to 1, without 1. */
  readonly random: number;
  readonly online: boolean;
  readonly visible: boolean;
  /** True when there has been a connection before: then there is a gateway, and a way to it. */
  readonly lived: boolean;
  /** How long a try may be silent: until it is open, and from there to `welcome`. */
  readonly openMs: number;
  readonly carrier: Carrier;
}

export interface Transition {
  readonly state: ConnectionState;
  /** When its `deadline` comes, in ms: a new state has none but this, and one that stays keeps the one that it has. */
  readonly deadlineMs?: number | undefined;
}

/**
 * So many tries fail in a row before it is told, within 7.5 s by their delays; more where there was a
 * connection before, which comes again when its gateway does. The last of these is made over HTTP, too (HF-CAR-9).
 */
const fewTries = 5;
export const manyTries = 8;
/** A connection that lived this long was a good one: its loss says nothing about the next. */
const livedMs = 10_000;
const retryBaseMs = 500;
const retryCapMs = 20_000;
/** How long the application may take to give a token, whatever carries: both ask for one. */
const tokenMs = 8_000;
/** The least delay after the verdict `wait`. */
const waitMs = 5_000;
/** `navigator.onLine` is a hint and no proof: while it says no, a try is made this often. */
const offlineMs = 30_000;
/** A token that was refused is compared with the present one this often. */
const lookMs = 30_000;
/** The close code of a browser for a connection that was lost. */
const closedAbnormally = 1006;

const to = (state: ConnectionState, deadlineMs?: number): Transition => ({ state, deadlineMs });

const authorize = (tries: Tries): Transition => to({ ...tries, kind: 'authorizing' }, tokenMs);

const troubled = (tries: Tries, reason: ConnectionReason, error?: HoldfastError): Tries => ({
  ...tries,
  trouble: { reason, attempt: tries.attempt, error },
});

const pause = (tries: Tries): Transition =>
  to({ ...troubled(tries, 'offline'), kind: 'offline' }, offlineMs);

/** Tries again after a delay of full jitter, or when the page can use a connection. */
function retry(
  { attempt, refreshed }: Tries,
  around: Surroundings,
  reason: ConnectionReason,
  leastMs = 0,
): Transition {
  if (!around.online || !around.visible) return pause({ attempt, refreshed });
  const ceiling = Math.min(retryCapMs, retryBaseMs * 2 ** attempt);
  const next = { attempt: attempt + 1, refreshed };
  const few = reason === 'unanswered' ? 1 : fewTries;
  const isStuck = next.attempt >= (around.lived ? manyTries : few);
  return to(
    { ...troubled(next, reason, isStuck ? stuck(reason) : undefined), kind: 'backoff' },
    leastMs + around.random * ceiling,
  );
}

const retryNow = (tries: Tries, { visible }: Surroundings): Transition =>
  visible ? authorize(tries) : pause(tries);

/** Failures before do not count: a request of now is not told of them before it has been tried. */
const anew = ({ refreshed }: Tries, around: Surroundings): Transition =>
  retryNow({ attempt: 0, refreshed }, around);

const fail = (tries: Tries, error: HoldfastError): Transition =>
  to(
    { ...troubled(tries, error.code, error), kind: 'failed' },
    error.code === 'unauthorized' ? lookMs : undefined,
  );

/** The state after the loss of a socket: the verdict of its close code (HF-CLOSE-1). */
function lose(
  tries: Tries & Partial<Life>,
  around: Surroundings,
  code: number,
  reason: ConnectionReason = 'lost',
): Transition {
  const { attempt, refreshed, since = around.now } = tries;
  const verdict = verdictOf(code);
  if (verdict === 'wait') return retry(tries, around, 'limit', waitMs);
  if (verdict === 'resume')
    return around.now - since > livedMs ? anew(tries, around) : retry(tries, around, reason);
  return verdict === 'refresh' && !refreshed
    ? authorize({ attempt, refreshed: true })
    : fail(tries, unable(refusalOf(code), `connect: closed with ${code}`));
}

type EventType = ConnectionEvent['type'];

/** What is made of a state by an event. */
type Cell<State, Type extends EventType> = (
  state: State,
  around: Surroundings,
  event: Extract<ConnectionEvent, { readonly type: Type }>,
) => Transition;

type Row<State> = { readonly [Type in EventType]?: Cell<State, Type> };

const begin = (): Transition => authorize({ attempt: 0, refreshed: false });
const close = (): Transition => to({ kind: 'closed' });

const wanted: Row<unknown> = { close, unwant: () => to({ kind: 'idle' }) };

/** A page that is hidden does nothing until it is shown. */
const resume = (state: ConnectionState & Tries, around: Surroundings): Transition =>
  around.visible ? anew(state, around) : to(state);

/** Waits for what may never come. */
const awaiting: Row<Tries> = {
  ...wanted,
  deadline: (state, around) => retry(state, around, 'unanswered'),
};

const opening: Row<Opening> = {
  ...awaiting,
  other: authorize,
  // What HTTP opens has asked nobody yet.
  lost: (state, around, { code }) =>
    lose(
      state,
      around,
      code,
      state.kind === 'hello' && around.carrier === 'socket' ? 'lost' : 'refused',
    ),
  unusable: (state, _, { error }) => fail(state, error),
};

/** The whole of a connection's life. Where there is no cell, nothing changes. */
const table: {
  readonly [Kind in ConnectionState['kind']]: Row<ConnectionState & { readonly kind: Kind }>;
} = {
  idle: { close, want: begin },
  closed: {},
  failed: {
    close,
    want: begin,
    // Another may be let in: where cookies say who it is, only a try can tell.
    wake: (state) => (state.trouble?.reason === 'unauthorized' ? begin() : to(state)),
    deadline: (state) => to(state, lookMs),
  },
  authorizing: {
    ...awaiting,
    token: (state, { openMs }) => to({ ...state, kind: 'connecting' }, openMs),
    'no-token': (state, around) => retry(state, around, 'token'),
  },
  offline: { ...wanted, wake: resume, deadline: resume },
  backoff: { ...wanted, deadline: retryNow, wake: anew, want: anew, offline: pause },
  connecting: {
    ...opening,
    opened: (state, { openMs }) => to({ ...state, kind: 'hello' }, openMs),
  },
  hello: {
    ...opening,
    welcome: ({ attempt }, { now }, { silenceMs }) =>
      to({ attempt, refreshed: false, kind: 'online', since: now, silenceMs }, silenceMs),
  },
  online: {
    ...wanted,
    lost: (state, around, { code }) => lose(state, around, code),
    drained: anew,
    silent: anew,
    deadline: (state, around) => {
      // A clock that was set back tells no more of the silence than one that was set forward.
      const leftMs = state.silenceMs - Math.abs(around.silentMs);
      return leftMs > 0 ? to(state, leftMs) : lose(state, around, closedAbnormally);
    },
  },
};

/** Whether the event leads anywhere. */
export const takes = ({ kind }: ConnectionState, type: EventType): boolean => type in table[kind];

/** Pure: time, chance and the page come in as arguments. */
export function transition(
  state: ConnectionState,
  event: ConnectionEvent,
  around: Surroundings,
): Transition {
  const cell = table[state.kind][event.type] as Cell<ConnectionState, EventType> | undefined;
  return cell?.(state, around, event) ?? to(state);
}
