import type { SessionLog } from '@holdfast/log';

export interface Appends {
  /** Resolves when the next entry of a run has been appended to the session, or was not to be. */
  next(session: string): Promise<void>;
}

/** Tells when a log has appended; nothing else about it changes. */
export function observeAppends(log: SessionLog): Appends {
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  const append = log.append.bind(log);
  log.append = (session, command) => {
    const appended = append(session, command);
    const next = waiting.get(session);
    // Agents that wait for nothing are to cost no more than those of any other side.
    if (!next) return appended;
    waiting.delete(session);
    return appended.finally(next.resolve);
  };
  return {
    next: (session) => {
      const next = waiting.get(session) ?? Promise.withResolvers<void>();
      waiting.set(session, next);
      return next.promise;
    },
  };
}
