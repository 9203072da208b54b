import { type ErrorCode, HoldfastError } from '@holdfast/protocol';

/** An error in the house's form: `unable to X: reason`. */
export const unable = (
  code: ErrorCode,
  what: string,
  options?: { readonly cause: unknown },
): HoldfastError => new HoldfastError(code, `unable to ${what}`, options);

/** Codes whose retry is `after` in section 13 of PROTOCOL.md. */
const passing: readonly ErrorCode[] = ['rate', 'internal', 'unavailable'];

/** True when the same may succeed later; false for a code that is not known here. */
export const mayPass = (code: ErrorCode): boolean => passing.includes(code);

/** The error that is told once where no connection comes, and to streams that only a connection could show. */
export const stuck = (reason: string): HoldfastError =>
  unable('unavailable', `connect: ${reason}; what was sent is kept, reload to see it`);

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/**
 * The form in which a stream ends when its connection is given up: a `TypeError` with "network" in
 * its message is what the AI SDK reports as `isDisconnect`, so that the reply can be resumed.
 */
export const networkError = (cause: unknown): TypeError =>
  new TypeError(`network failed: ${messageOf(cause)}`, { cause });

/** Fails as for want of a network. */
export function failed(cause: unknown): never {
  throw networkError(cause);
}
