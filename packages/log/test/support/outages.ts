import { vi } from 'vitest';

export const unavailable = { name: 'HoldfastError', code: 'unavailable' };
export const patient = { timeout: 20_000 };

/** Repeats a write until its outcome is known, as every caller does. */
export const untilKnown = <T>(write: () => Promise<T>): Promise<T> => vi.waitFor(write, patient);
