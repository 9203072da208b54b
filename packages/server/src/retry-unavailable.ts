import { HoldfastError } from '@holdfast/protocol';
import type { Environment } from './environment.ts';

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
  let since: number | undefined;
  for (let delay = 20; ; delay = Math.min(delay * 2, 1_000)) {
    try {
      return await write();
    } catch (error) {
      onFailed?.();
      if (!HoldfastError.is(error) || error.code !== 'unavailable') throw error;
      since ??= environment.now();
      if (environment.now() - since + delay > retryForMs) throw error;
      await environment.wait(delay);
    }
  }
}
