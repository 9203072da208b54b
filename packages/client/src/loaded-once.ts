import { unable } from './errors.ts';

/**
 * Loads something when it is first asked for. Where that fails it is told in the words of what cannot be done, and
 * tried again when it is asked for next.
 */
export function loadedOnce<T>(
  load: () => Promise<T>,
  what: string,
  report: (error: unknown) => void,
): () => Promise<T | undefined> {
  let loading: Promise<T | undefined> | undefined;
  return () => {
    loading ??= load().catch((cause: unknown) => {
      loading = undefined;
      report(unable('unavailable', what, { cause }));
      return undefined;
    });
    return loading;
  };
}
