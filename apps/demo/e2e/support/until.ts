import { expect } from 'vitest';

const timeout = 30_000;
const interval = 50;

/** Resolves once the value is the expected one; else fails and shows the difference. */
export const untilEqual = <T>(read: () => T | Promise<T>, expected: T): Promise<void> =>
  expect.poll(read, { timeout, interval }).toEqual(expected);

/** Resolves once it holds. */
export const until = (
  holds: () => boolean | Promise<boolean>,
  what: string,
  within = timeout,
): Promise<void> => expect.poll(holds, { timeout: within, interval, message: what }).toBe(true);
