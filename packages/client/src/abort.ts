/**
 * The error that the AI SDK takes for a stop and not for a failure: it looks at the name only. No
 * `DOMException`, because React Native has none.
 */
export const abortError = (): Error => Object.assign(new Error('stopped'), { name: 'AbortError' });

/** Calls `run` when the signal fires, at once when it has; returns what prevents it. */
export function onAbort(signal: AbortSignal | undefined, run: () => void): () => void {
  if (signal?.aborted) run();
  signal?.addEventListener('abort', run, { once: true });
  return () => signal?.removeEventListener('abort', run);
}
