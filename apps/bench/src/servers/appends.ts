import type { SessionLog } from '@holdfast/log';

export interface Appends {
  /** Resolves when the next entry of a run has been appended to the session, or was not to be. */
  next(session: string): Promise<void>;
}

/** Tells when a log has appended; nothing else about it changes. */
export function observeAppends(log: SessionLog): Appends {
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  const append = log.append.bind(log);
  log.append = (session, command) =>
    append(session, command).finally(() => {
      waiting.get(session)?.resolve();
      waiting.delete(session);
    });
  return {
    next: (session) => {
      const next = waiting.get(session) ?? Promise.withResolvers<void>();
      waiting.set(session, next);
      return next.promise;
    },
  };
}
