/** What the AI SDK takes for a stop and not for a failure. React Native has no `DOMException`. */
export function abortError(): Error {
  const message = 'The reply was stopped';
  if (typeof DOMException === 'function') return new DOMException(message, 'AbortError');
  const error = new Error(message);
  error.name = 'AbortError';
  return error;
}

/** Calls `run` when the signal fires, at once when it has; returns what prevents it. */
export function onAbort(signal: AbortSignal | undefined, run: () => void): () => void {
  if (!signal) return () => {};
  if (signal.aborted) {
    run();
    return () => {};
  }
  signal.addEventListener('abort', run, { once: true });
  return () => signal.removeEventListener('abort', run);
}
