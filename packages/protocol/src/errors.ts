/** Error codes on the wire and in HTTP answers: PROTOCOL.md section 13. */
export type ErrorCode =
  | 'bad_request'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'busy'
  | 'too_large'
  | 'limit'
  | 'rate'
  | 'internal'
  | 'unavailable'
  | 'full';

/** The HTTP status of each code, and whether trying again later can help. */
export const errorCodes: {
  readonly [C in ErrorCode]: { readonly status: number; readonly retry: 'never' | 'after' };
} = {
  bad_request: { status: 400, retry: 'never' },
  unauthorized: { status: 401, retry: 'never' },
  forbidden: { status: 403, retry: 'never' },
  not_found: { status: 404, retry: 'never' },
  conflict: { status: 409, retry: 'never' },
  busy: { status: 409, retry: 'never' },
  too_large: { status: 413, retry: 'never' },
  limit: { status: 429, retry: 'never' },
  rate: { status: 429, retry: 'after' },
  internal: { status: 500, retry: 'after' },
  unavailable: { status: 503, retry: 'after' },
  full: { status: 507, retry: 'never' },
};

/**
 * Why something is a `conflict`, for programs; more may come. `outdated`: the session went on behind what the sender
 * has seen. `gone`: what it names is not there any more. `taken`: an id stands for something else already. `removed`:
 * the message was taken out of the queue. `settled`: the calls have their answers. `unanswered`: calls wait for
 * theirs. `operator`: an operator answers. `ended`: the run, or its parent, is over. `lost`: another process has the
 * run.
 */
export type ConflictReason =
  | 'outdated'
  | 'gone'
  | 'taken'
  | 'removed'
  | 'settled'
  | 'unanswered'
  | 'operator'
  | 'ended'
  | 'lost';

/** An error as it travels: `err` of a `res` frame and `error` of an HTTP answer. */
export interface WireError {
  /** Stable, for programs. */
  readonly code: ErrorCode;
  /**
   * For people: what was not possible, why, and what to do. It repeats no input and names nothing of the
   * server's insides.
   */
  readonly message: string;
  /** Milliseconds to wait before trying again; only with codes whose retry is `after`. */
  readonly retryMs?: number;
  /** Why it is a `conflict`, where that is known; with no other code. */
  readonly reason?: ConflictReason;
}

/**
 * The one error class of Holdfast. `code` is stable and meant for programs, `message` has the form
 * `unable to X: reason` and says what to do, `cause` keeps the error underneath.
 * Use {@link HoldfastError.is} instead of `instanceof`: two copies of a package may be loaded.
 */
export class HoldfastError extends Error {
  /** The kind of error: stable, for programs. */
  declare readonly code: ErrorCode;
  /** Milliseconds to wait before trying again, where the server said so. */
  declare readonly retryMs: number | undefined;
  /** Why it is a `conflict`, where that is known. */
  declare readonly reason: ConflictReason | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      cause?: unknown;
      retryMs?: number | undefined;
      reason?: ConflictReason | undefined;
    } = {},
  ) {
    super(message, options);
    this.name = 'HoldfastError';
    this.code = code;
    this.retryMs = options.retryMs;
    this.reason = options.reason;
  }

  /** True for such an error, of this copy of the package or of another one. */
  static is(value: unknown): value is HoldfastError {
    return value instanceof Error && value.name === 'HoldfastError' && 'code' in value;
  }
}
