import { HoldfastError } from '@holdfast/protocol';
import type { Environment } from './environment.ts';

/** What a write is repeated by. */
interface Retry<T> {
  readonly write: () => Promise<T>;
  readonly forMs: number;
  readonly environment: Environment;
  /** Told of each failure. */
  readonly onFailed?: (() => void) | undefined;
}

/**
 * Repeats an idempotent write whose outcome is unknown: 20 ms doubling to 1 s, until `retryForMs`
 * have passed since the first failure. Rejects with the last error then. `onFailed` is told of each.
 */
export async function retryUnavailable<T>(
  write: () => Promise<T>,
  retryForMs: number,
  environment: Environment,
  onFailed?: () => void,
): Promise<T> {
  try {
    return await write();
  } catch (error) {
    return await retryAfter(error, { write, forMs: retryForMs, environment, onFailed });
  }
}

/** The same for a write that was tried once, and failed with that error. */
export async function retryAfter<T>(first: unknown, retry: Retry<T>): Promise<T> {
  const { write, forMs, environment, onFailed } = retry;
  let error = first;
  let since: number | undefined;
  for (let delay = 20; ; delay = Math.min(delay * 2, 1_000)) {
    onFailed?.();
    if (!HoldfastError.is(error) || error.code !== 'unavailable') throw error;
    since ??= environment.now();
    if (environment.now() - since + delay > forMs) throw error;
    await environment.wait(delay);
    try {
      return await write();
    } catch (next) {
      error = next;
    }
  }
}
