import type { SessionAct, SessionView } from '../contract.ts';

/** Messages beyond these are not remembered as unsent, oldest first. */
const remembered = 100;

/** What all syncs of one session have in common, also those that come later. */
export interface Shared {
  readonly syncs: Set<object>;
  /** Ids of messages that were sent here and that the log never had. */
  readonly unsent: Set<string>;
}

const all = new WeakMap<SessionView, Shared>();

export function sharedOf(session: SessionView): Shared {
  const known = all.get(session);
  if (known) return known;
  const shared: Shared = { syncs: new Set(), unsent: new Set() };
  all.set(session, shared);
  return shared;
}

/**
 * Remembers the messages of sends: they stay in the chat whatever becomes of the send. An edit is
 * none of them: when it fails, what it would have replaced is there again.
 */
export function noteSends(
  { unsent }: Shared,
  acts: Iterable<SessionAct>,
  isLogged: (id: string) => boolean,
): void {
  for (const act of acts) {
    if (act.kind !== 'send' || !act.message || act.after !== undefined) continue;
    if (isLogged(act.message.id)) continue;
    unsent.add(act.message.id);
    for (const oldest of unsent) {
      if (unsent.size <= remembered) break;
      unsent.delete(oldest);
    }
  }
}
