import type { Session, SessionOptions } from './contract.ts';
import { gated } from './gate.ts';
import { createSession } from './session.ts';

/** Sessions that are not followed are remembered up to this many, oldest forgotten first. */
const remembered = 64;

/** All sessions of one transport, over one connection. */
export interface Sessions {
  get(id: string): Session;
  close(error: Error): void;
}

export function createSessions(options: Omit<SessionOptions, 'session'>): Sessions {
  const sessions = new Map<string, Session>();
  const { users } = options.connection;
  return {
    get: (id) => {
      const known = sessions.get(id);
      if (known) return known;
      for (const [old, session] of sessions) {
        if (sessions.size < remembered || !session.isIdle()) continue;
        sessions.delete(old);
        users.delete(session);
      }
      const own = { ...options, session: id };
      const session = createSession(own);
      session.receive = gated(session, own);
      sessions.set(id, session);
      users.add(session);
      return session;
    },
    close: (error) => {
      for (const session of sessions.values()) session.close(error);
    },
  };
}
