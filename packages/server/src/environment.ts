import { randomBytes, randomInt } from 'node:crypto';

/** Where time, chance and ids come from, so that tests can hold them. */
export interface Environment {
  /** Milliseconds of a clock that only goes forward: for durations. */
  now(): number;
  /** Milliseconds since 1970, by a clock that may be set: only to be shown. */
  date(): number;
  wait(ms: number): Promise<void>;
  /** An id nobody can guess: 128 bits, URL-safe. */
  id(): string;
  /** An entry's nonce: 1 to 2^31-1. */
  nonce(): number;
}

export const systemEnvironment: Environment = {
  now: () => performance.now(),
  date: () => Date.now(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  id: () => randomBytes(16).toString('base64url'),
  nonce: () => randomInt(1, 2 ** 31 - 1),
};
