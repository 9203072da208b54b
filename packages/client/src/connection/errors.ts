import { closeCodes, HoldfastError } from '@holdfast/protocol';

/** Why a connection will not be tried again, in the words of its close code. */
export function gaveUp(code: number): HoldfastError {
  const known = Object.values(closeCodes).find((entry) => entry.code === code);
  const reason = `unable to stay connected: the gateway closed with ${code}${known ? ` (${known.name})` : ''}`;
  switch (code) {
    case closeCodes.unauthorized.code:
    case closeCodes.tokenExpired.code:
      return new HoldfastError('unauthorized', `${reason}; check the option "token"`);
    case closeCodes.forbidden.code:
      return new HoldfastError('forbidden', `${reason}; this participant is not allowed`);
    case closeCodes.tooBig.code:
      return new HoldfastError('too_large', reason);
    default:
      return new HoldfastError('bad_request', `${reason}; client and gateway do not fit together`);
  }
}

/**
 * The form in which a stream ends when its connection is given up: a `TypeError` with "network" in
 * its message is what the AI SDK reports as `isDisconnect`, so that the reply can be resumed.
 */
export const networkError = (cause: unknown): TypeError =>
  new TypeError(
    `network connection given up: ${cause instanceof Error ? cause.message : String(cause)}`,
    { cause },
  );
