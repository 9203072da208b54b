import { type ClientLimits, type HoldfastError, verdictOf } from '@holdfast/protocol';
import type { Carrier, ConnectionReason, ConnectionTrouble } from '../contract/connection.ts';
import { gaveUp, stuck } from '../errors.ts';

/**
 * ```
 * idle ─want→ authorizing ─token→ connecting ─opened→ hello ─welcome→ ready ⇄ probing
 *               ↑   ↑                  │ lost, too late   │               │ lost, silent, drained
 *               │   └── retry ── backoff ←────────────────┴───────────────┤
 *               └── wake, late ─ paused  ←── offline or hidden ───────────┘
 * any ─unwant→ idle   any ─verdict give-up→ failed ─want→ authorizing   any ─close→ closed
 * failed for want of a right ─wake→ authorizing
 * ```
 */
export type ConnectionState =
  | { readonly kind: 'idle'; readonly trouble?: undefined }
  | { readonly kind: 'closed'; readonly trouble?: undefined }
  | ({ readonly kind: 'authorizing' | 'backoff' | 'paused' } & Tries)
  | Opening
  | Established
  | ({ readonly kind: 'failed'; readonly error: HoldfastError } & Pick<Tries, 'trouble'>);

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

export interface Surroundings {
  readonly now: number;
  /** A number of 0 to 1, without 1. */
  readonly random: number;
  readonly online: boolean;
  readonly visible: boolean;
  /** True when there has been a connection before: then there is a gateway, and a way to it. */
  readonly lived: boolean;
  readonly limits: ClientLimits;
  /** How long a try may be silent: until it is open, and from there to `welcome`. */
  readonly openMs: number;
  readonly carrier: Carrier;
  /** The try has failed, and the next one is made with something else, at once. */
  readonly isOther?: boolean | undefined;
}

export interface Transition {
  readonly state: ConnectionState;
  /** When its `deadline` comes, in ms: a new state has none but this, and one that stays keeps the one that it has. */
  readonly deadlineMs?: number | undefined;
  /** When `drained` comes, in ms. */
  readonly drainedMs?: number;
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
/** The least delay after the verdict `wait`. */
const waitMs = 5_000;
/** `navigator.onLine` is a hint and no proof: while it says no, a try is made this often. */
const offlineMs = 30_000;
/** A token that was refused is compared with the present one this often. */
const lookMs = 30_000;
/** The close code of a browser for a connection that was lost. */
const closedAbnormally = 1006;

const to = (state: ConnectionState, deadlineMs?: number): Transition => ({ state, deadlineMs });

/** Whether there is a socket: in every other state there is none any more. */
export const hasSocket = ({ kind }: ConnectionState): boolean =>
  kind === 'connecting' || kind === 'hello' || kind === 'ready' || kind === 'probing';

const fresh: Tries = { attempt: 0, refreshed: false };

const authorize = (tries: Tries): Transition => to({ ...tries, kind: 'authorizing' });

const troubled = (tries: Tries, reason: ConnectionReason, error?: HoldfastError): Tries => ({
  ...tries,
  trouble: { reason, attempt: tries.attempt, error },
});

const pause = (tries: Tries): Transition =>
  to({ ...troubled(tries, 'offline'), kind: 'paused' }, offlineMs);

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

const fail = (error: HoldfastError, tries: Tries): Transition =>
  to(
    { ...troubled(tries, error.code, error), kind: 'failed', error },
    error.code === 'unauthorized' ? lookMs : undefined,
  );

/** The state after the loss of a socket: the verdict of its close code (HF-CLOSE-1). */
function lose(
  tries: Tries & Partial<Life>,
  code: number,
  around: Surroundings,
  reason: ConnectionReason = 'lost',
): Transition {
  const { attempt, refreshed, since = around.now } = tries;
  const verdict = verdictOf(code);
  if (verdict === 'wait') return retry(tries, around, 'limit', waitMs);
  if (verdict === 'resume')
    return around.now - since > livedMs ? retryNow(fresh, around) : retry(tries, around, reason);
  return verdict === 'refresh' && !refreshed
    ? authorize({ attempt, refreshed: true })
    : fail(gaveUp(code), tries);
}

/** The whole of a connection's life. Pure: time, chance and the page come in as arguments. */
export function transition(
  state: ConnectionState,
  event: ConnectionEvent,
  around: Surroundings,
): Transition {
  const stay = to(state);
  const { type } = event;
  if (state.kind === 'closed') return stay;
  if (type === 'close') return to({ kind: 'closed' });
  if (state.kind === 'failed' || state.kind === 'idle') {
    if (type === 'want') return authorize(fresh);
    // Another may be let in: where cookies say who it is, only a try can tell.
    if (state.kind === 'idle' || state.error.code !== 'unauthorized') return stay;
    if (type === 'wake') return authorize(fresh);
    return type === 'deadline' ? to(state, lookMs) : stay;
  }
  if (type === 'unwant') return to({ kind: 'idle' });
  const again: Tries = { attempt: 0, refreshed: state.refreshed };
  switch (state.kind) {
    case 'connecting':
    case 'hello':
      return opening(state, event, around);
    case 'ready':
    case 'probing':
      return established(state, event, around);
    case 'authorizing':
      if (type === 'token') return to({ ...state, kind: 'connecting' }, around.openMs);
      return type === 'no-token' ? retry(state, around, 'token') : stay;
    case 'paused':
      // A page that is hidden does nothing until it is shown.
      return around.visible && (type === 'wake' || type === 'deadline') ? authorize(again) : stay;
    case 'backoff':
      if (type === 'deadline') return retryNow(state, around);
      // A request of now is not told of failures before it has been tried.
      if (type === 'wake' || type === 'want') return retryNow(again, around);
      return type === 'offline' ? pause(state) : stay;
  }
}

function opening(state: Opening, event: ConnectionEvent, around: Surroundings): Transition {
  const isGreeted = state.kind === 'hello';
  if (around.isOther) return authorize(state);
  switch (event.type) {
    case 'opened':
      return isGreeted ? to(state) : to({ ...state, kind: 'hello' }, around.openMs);
    case 'welcome': {
      if (!isGreeted) return to(state);
      const { heartbeatMs } = event;
      return to(
        { ...fresh, attempt: state.attempt, kind: 'ready', since: around.now, heartbeatMs },
        heartbeatMs + around.limits.pongTimeoutMs,
      );
    }
    case 'lost':
      // What HTTP opens has asked nobody yet.
      return lose(
        state,
        event.code,
        around,
        isGreeted && around.carrier === 'socket' ? 'lost' : 'refused',
      );
    case 'unusable':
      return fail(event.error, state);
    case 'deadline':
      return retry(state, around, 'unanswered');
    default:
      return to(state);
  }
}

function established(state: Established, event: ConnectionEvent, around: Surroundings): Transition {
  const isProbing = state.kind === 'probing';
  const silenceMs = state.heartbeatMs + around.limits.pongTimeoutMs;
  switch (event.type) {
    case 'received':
      return isProbing ? to({ ...state, kind: 'ready' }, silenceMs) : to(state);
    case 'wake':
      return isProbing ? to(state) : to({ ...state, kind: 'probing' }, around.limits.probeMs);
    case 'drain':
      return { state, drainedMs: around.random * event.spreadMs };
    case 'lost':
      return lose(state, event.code, around);
    case 'deadline':
      if (isProbing) return retryNow(fresh, around);
      return event.silentMs < silenceMs
        ? to(state, silenceMs - event.silentMs)
        : lose(state, closedAbnormally, around);
    case 'drained':
      return retryNow(fresh, around);
    default:
      return to(state);
  }
}
