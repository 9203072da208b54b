import type { ErrorCode } from './errors.ts';

/**
 * The act of a client after a close (PROTOCOL.md section 12): `resume` connects again from its position,
 * `refresh` with a new token first, `wait` no sooner than in 5 s; `give-up` reports the error and stops.
 */
export type Verdict = 'resume' | 'refresh' | 'wait' | 'give-up';

/** A code with which a socket is closed. */
export interface CloseCode {
  /** The number on the wire. */
  readonly code: number;
  /** The reason that goes with it. */
  readonly name: string;
  /** The act of a client then. */
  readonly verdict: Verdict;
}

/** The codes by their names. */
type CloseName =
  | 'normal'
  | 'goingAway'
  | 'abnormal'
  | 'tooBig'
  | 'restart'
  | 'overloaded'
  | 'badFrame'
  | 'unauthorized'
  | 'forbidden'
  | 'noCommonVersion'
  | 'helloTimeout'
  | 'slowConsumer'
  | 'tokenExpired'
  | 'tooMany'
  | 'internal'
  | 'noPong';

/** Every close code of the protocol (PROTOCOL.md section 12). */
export const closeCodes: {
  readonly [N in CloseName]: CloseCode;
} = {
  normal: { code: 1000, name: 'normal', verdict: 'give-up' },
  goingAway: { code: 1001, name: 'going-away', verdict: 'resume' },
  abnormal: { code: 1006, name: 'abnormal', verdict: 'resume' },
  tooBig: { code: 1009, name: 'too-big', verdict: 'give-up' },
  restart: { code: 1012, name: 'restart', verdict: 'resume' },
  overloaded: { code: 1013, name: 'overloaded', verdict: 'wait' },
  badFrame: { code: 4400, name: 'bad-frame', verdict: 'give-up' },
  unauthorized: { code: 4401, name: 'unauthorized', verdict: 'refresh' },
  forbidden: { code: 4403, name: 'forbidden', verdict: 'give-up' },
  noCommonVersion: { code: 4406, name: 'no-common-version', verdict: 'give-up' },
  helloTimeout: { code: 4408, name: 'hello-timeout', verdict: 'resume' },
  slowConsumer: { code: 4410, name: 'slow-consumer', verdict: 'resume' },
  tokenExpired: { code: 4419, name: 'token-expired', verdict: 'refresh' },
  tooMany: { code: 4429, name: 'too-many', verdict: 'wait' },
  internal: { code: 4500, name: 'internal', verdict: 'resume' },
  noPong: { code: 4504, name: 'no-pong', verdict: 'resume' },
};

/**
 * The verdict for any close code, also for one that this version does not know (HF-CLOSE-1). It
 * does not look into the table, so that clients need not carry it; a test holds the two together.
 */
export function verdictOf(code: number): Verdict {
  if (refusalOf(code) === 'unauthorized') return 'refresh';
  if (code === 1013 || code === 4429) return 'wait';
  if (code === 4408 || code === 4410) return 'resume';
  return code === 1000 || code === 1009 || (code >= 4400 && code < 4500) ? 'give-up' : 'resume';
}

/** The error that a connection ends with when it is given up because of this close code. */
export function refusalOf(code: number): ErrorCode {
  if (code === 4401 || code === 4419) return 'unauthorized';
  if (code === 4403) return 'forbidden';
  return code === 1009 ? 'too_large' : 'bad_request';
}
