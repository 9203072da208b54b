import { type ClientLimits, type HoldfastError, verdictOf } from '@holdfast/protocol';
import { gaveUp } from '../errors.ts';

/**
 * ```
 * idle ─want→ authorizing ─token→ connecting ─opened→ hello ─welcome→ ready ⇄ probing
 *               ↑   ↑                  │ lost, too late   │               │ lost, silent, drained
 *               │   └── retry ── backoff ←────────────────┴───────────────┤
 *               └────── wake ─── paused  ←── offline or hidden ───────────┘
 * any ─unwant→ idle   any ─verdict give-up→ failed ─want→ authorizing   any ─close→ closed
 * ```
 */
export type ConnectionState =
  | { readonly kind: 'idle' }
  | ({ readonly kind: 'authorizing' | 'backoff' | 'paused' } & Tries)
  | Opening
  | Established
  | { readonly kind: 'failed'; readonly error: HoldfastError }
  | { readonly kind: 'closed' };

interface Tries {
  /** Failures since a connection last lived long enough. */
  readonly attempt: number;
  /** The last token was refused, and a fresh one is being tried. */
  readonly refreshed: boolean;
}

interface Life {
  readonly since: number;
  readonly heartbeatMs: number;
}

type Opening = { readonly kind: 'connecting' | 'hello' } & Tries;
type Established = { readonly kind: 'ready' | 'probing' } & Tries & Life;

export type ConnectionEvent =
  /** There is something to follow or to ask for. */
  | { readonly type: 'want' }
  | { readonly type: 'unwant' }
  | { readonly type: 'token' }
  | { readonly type: 'no-token' }
  | { readonly type: 'opened' }
  | { readonly type: 'welcome'; readonly heartbeatMs: number }
  | { readonly type: 'received' }
  | { readonly type: 'lost'; readonly code: number }
  /** No socket could even be made; trying again would not help. */
  | { readonly type: 'unusable'; readonly error: HoldfastError }
  /** The state's own timer; `silentMs` is how long the socket has been silent. */
  | { readonly type: 'deadline'; readonly silentMs: number }
  | { readonly type: 'drain'; readonly spreadMs: number }
  | { readonly type: 'drained' }
  | { readonly type: 'wake' }
  | { readonly type: 'offline' }
  | { readonly type: 'close' };

export type ConnectionEffect =
  | { readonly do: 'authorize' }
  | { readonly do: 'open' }
  | { readonly do: 'greet' }
  | { readonly do: 'ping' }
  /** Closes the socket and stops listening to it. */
  | { readonly do: 'drop' }
  /** One timer of each name; setting it again replaces it. */
  | { readonly do: 'timer'; readonly name: TimerName; readonly ms: number }
  | { readonly do: 'fail'; readonly error: HoldfastError };

/** A new state's `deadline` replaces the old one's; a state without one clears it. */
export type TimerName = 'deadline' | 'drained';

export interface Surroundings {
  readonly now: number;
  /** A number of 0 to 1, without 1. */
  readonly random: number;
  readonly online: boolean;
  readonly visible: boolean;
  readonly limits: ClientLimits;
}

export interface Transition {
  readonly state: ConnectionState;
  readonly effects: readonly ConnectionEffect[];
}

/** From the first byte to `welcome`. */
const openMs = 10_000;
/** A connection that lived this long was a good one: its loss says nothing about the next. */
const livedMs = 10_000;
const retryBaseMs = 500;
const retryCapMs = 20_000;
/** The least delay after the verdict `wait`. */
const waitMs = 5_000;

const to = (state: ConnectionState, ...effects: readonly ConnectionEffect[]): Transition => ({
  state,
  effects,
});
const deadline = (ms: number): ConnectionEffect => ({ do: 'timer', name: 'deadline', ms });

const authorize = (tries: Tries): Transition =>
  to({ kind: 'authorizing', ...pick(tries) }, { do: 'authorize' });

const pick = ({ attempt, refreshed }: Tries): Tries => ({ attempt, refreshed });
const fresh: Tries = { attempt: 0, refreshed: false };

/** Tries again after a delay of full jitter, or when the page can use a connection. */
function retry(tries: Tries, around: Surroundings, leastMs = 0): Transition {
  if (!around.online || !around.visible) return to({ kind: 'paused', ...pick(tries) });
  const ceiling = Math.min(retryCapMs, retryBaseMs * 2 ** tries.attempt);
  return to(
    { kind: 'backoff', ...pick(tries), attempt: tries.attempt + 1 },
    deadline(leastMs + around.random * ceiling),
  );
}

function retryNow(tries: Tries, around: Surroundings): Transition {
  return around.online && around.visible ? authorize(tries) : to({ kind: 'paused', ...tries });
}

const after = (effect: ConnectionEffect, { state, effects }: Transition): Transition => ({
  state,
  effects: [effect, ...effects],
});

const fail = (error: HoldfastError): Transition =>
  to({ kind: 'failed', error }, { do: 'fail', error });

/** What the loss of a socket leads to: the verdict of its close code (HF-CLOSE-1). */
function lose(tries: Tries & Partial<Life>, code: number, around: Surroundings): Transition {
  const lived = tries.since !== undefined && around.now - tries.since > livedMs;
  switch (verdictOf(code)) {
    case 'resume':
      return lived ? retryNow(fresh, around) : retry(tries, around);
    case 'wait':
      return retry(tries, around, waitMs);
    case 'refresh':
      return tries.refreshed
        ? fail(gaveUp(code))
        : authorize({ attempt: tries.attempt, refreshed: true });
    case 'give-up':
      return fail(gaveUp(code));
  }
}

const isOpen = (kind: ConnectionState['kind']): boolean =>
  kind === 'connecting' || kind === 'hello' || kind === 'ready' || kind === 'probing';

/** The whole of a connection's life. Pure: time, chance and the page come in as arguments. */
export function transition(
  state: ConnectionState,
  event: ConnectionEvent,
  around: Surroundings,
): Transition {
  const stay = to(state);
  if (state.kind === 'closed') return stay;
  if (event.type === 'close')
    return isOpen(state.kind) ? to({ kind: 'closed' }, { do: 'drop' }) : to({ kind: 'closed' });
  if (event.type === 'unwant' && state.kind !== 'failed')
    return isOpen(state.kind) ? to({ kind: 'idle' }, { do: 'drop' }) : to({ kind: 'idle' });

  switch (state.kind) {
    case 'idle':
    case 'failed':
      if (event.type !== 'want') return stay;
      return around.online ? authorize(fresh) : to({ kind: 'paused', ...fresh });
    case 'authorizing':
      if (event.type === 'token')
        return to({ kind: 'connecting', ...pick(state) }, { do: 'open' }, deadline(openMs));
      return event.type === 'no-token' ? retry(state, around) : stay;
    case 'connecting':
    case 'hello':
      return opening(state, event, around);
    case 'ready':
    case 'probing':
      return established(state, event, around);
    case 'backoff':
      if (event.type === 'deadline') return retryNow(pick(state), around);
      if (event.type === 'wake') return retryNow({ ...pick(state), attempt: 0 }, around);
      return event.type === 'offline' ? to({ kind: 'paused', ...pick(state) }) : stay;
    case 'paused':
      if (event.type !== 'wake' || !around.online || !around.visible) return stay;
      return authorize({ ...pick(state), attempt: 0 });
  }
}

function opening(state: Opening, event: ConnectionEvent, around: Surroundings): Transition {
  switch (event.type) {
    case 'opened':
      // The deadline goes on: it bounds everything up to `welcome`.
      if (state.kind === 'connecting') return to({ ...state, kind: 'hello' }, { do: 'greet' });
      return to(state);
    case 'welcome':
      if (state.kind === 'connecting') return to(state);
      return to(
        {
          ...state,
          kind: 'ready',
          since: around.now,
          heartbeatMs: event.heartbeatMs,
          refreshed: false,
        },
        deadline(event.heartbeatMs + around.limits.pongTimeoutMs),
      );
    case 'lost':
      return lose(state, event.code, around);
    case 'unusable':
      return fail(event.error);
    case 'deadline':
      return after({ do: 'drop' }, retry(state, around));
    default:
      return to(state);
  }
}

function established(state: Established, event: ConnectionEvent, around: Surroundings): Transition {
  const { heartbeatMs } = state;
  const silenceMs = heartbeatMs + around.limits.pongTimeoutMs;
  switch (event.type) {
    case 'received':
      if (state.kind === 'ready') return to(state);
      return to({ ...state, kind: 'ready' }, deadline(silenceMs));
    case 'wake':
      if (state.kind === 'probing') return to(state);
      return to({ ...state, kind: 'probing' }, { do: 'ping' }, deadline(around.limits.probeMs));
    case 'deadline':
      if (state.kind === 'probing') return after({ do: 'drop' }, retryNow(fresh, around));
      if (event.silentMs < silenceMs) return to(state, deadline(silenceMs - event.silentMs));
      return after({ do: 'drop' }, lose(state, 1006, around));
    case 'drain':
      return to(state, { do: 'timer', name: 'drained', ms: around.random * event.spreadMs });
    case 'drained':
      return after({ do: 'drop' }, retryNow(fresh, around));
    case 'lost':
      return lose(state, event.code, around);
    default:
      return to(state);
  }
}
