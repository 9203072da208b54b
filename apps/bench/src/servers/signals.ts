import { micros } from '../tokens.ts';

export interface Signals {
  add(session: string, signal: AbortSignal): void;
  /** When the signal of the session's agent fires, on the clock that all processes share. */
  fired(session: string): Promise<number>;
}

/** Keeps the signals of agents that are at work. */
export function createSignals(): Signals {
  const signals = new Map<string, AbortSignal>();
  return {
    add: (session, signal) => {
      signals.set(session, signal);
      signal.addEventListener('abort', () => signals.delete(session), { once: true });
    },
    fired: (session) =>
      new Promise((resolve, reject) => {
        const signal = signals.get(session);
        if (!signal) reject(new Error('no agent is at work in this session'));
        signal?.addEventListener('abort', () => resolve(micros()), { once: true });
      }),
  };
}
