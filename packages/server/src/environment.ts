import { randomBytes, randomInt } from 'node:crypto';

/** Where time, chance and ids come from, so that tests can hold them. */
export interface Environment {
  /** Milliseconds since 1970. */
  now(): number;
  wait(ms: number): Promise<void>;
  /** An id nobody can guess: 128 bits, URL-safe. */
  id(): string;
  /** An entry's nonce: 1 to 2^31-1. */
  nonce(): number;
}

export const systemEnvironment: Environment = {
  now: () => Date.now(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  id: () => randomBytes(16).toString('base64url'),
  nonce: () => randomInt(1, 2 ** 31 - 1),
};
