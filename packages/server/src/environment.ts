import { randomBytes, randomInt } from 'node:crypto';

/** Ends a timer; does nothing once that is over. */
export type Cancel = () => void;

interface TimerOptions {
  /** True when the process is to stay alive for it. @default false */
  readonly ref?: boolean;
}

/** Where time, chance and ids come from, so that tests can hold them. */
export interface Environment {
  /** Milliseconds of a clock that only goes forward: for durations. */
  now(): number;
  /** Milliseconds since 1970, by a clock that may be set: only to be shown. */
  date(): number;
  /** Resolves `ms` from now; the process stays alive until then. */
  wait(ms: number): Promise<void>;
  /** Calls `act` once, `ms` from now. */
  after(ms: number, act: () => void, options?: TimerOptions): Cancel;
  /** Calls `act` every `ms`, until it is cancelled. */
  every(ms: number, act: () => void, options?: TimerOptions): Cancel;
  /** An id nobody can guess: 128 bits, URL-safe. */
  id(): string;
  /** An entry's nonce: 1 to 2^31-1. */
  nonce(): number;
}

/** The longest time of Node's timers, in ms: it takes one that is longer, or without end, for 1 ms. */
const longestMs = 2 ** 31 - 1;

const timerMs = (ms: number): number => Math.min(ms, longestMs);

export const systemEnvironment: Environment = {
  now: () => performance.now(),
  date: () => Date.now(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, timerMs(ms))),
  after: (ms, act, { ref = false } = {}) => {
    const timer = setTimeout(act, timerMs(ms));
    if (!ref) timer.unref();
    return () => clearTimeout(timer);
  },
  every: (ms, act, { ref = false } = {}) => {
    const timer = setInterval(act, timerMs(ms));
    if (!ref) timer.unref();
    return () => clearInterval(timer);
  },
  id: () => randomBytes(16).toString('base64url'),
  nonce: () => randomInt(1, 2 ** 31 - 1),
};
