import type { MaybePromise } from './maybe-promise.ts';

/** A question to the application: may the program with these credentials write as that agent? */
export interface WriterRequest {
  /** The session that it names. */
  readonly sessionId: string;
  /** The agent that it writes as: 1 to 64 characters. */
  readonly agent: string;
  /** Its `Authorization: Bearer`; never empty, and never a browser's. */
  readonly token: string;
  /** Its request, whose body is none of this function: of a large one no more than the beginning has been read. */
  readonly request: Request;
}

/** The option `writers` of `createHoldfast`. */
export interface WritersOptions {
  /**
   * Decides for each request, and twice for one over `requestBytes`. Only `true` lets it in, anything else is
   * `forbidden`. Compare secrets with `timingSafeEqual`. A `HoldfastError` that it throws is told to the writer; anything
   * else, and more time than `authorizeMs`, is a fault of the server, after which the writer tries again.
   */
  readonly authorize: (asked: WriterRequest) => MaybePromise<boolean>;
}
