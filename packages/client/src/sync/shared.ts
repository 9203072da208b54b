import { remember } from '../bounded.ts';
import type { OwnSend, SessionAct, SyncedSession } from '../contract/session.ts';
import { isOver } from '../session/own-send.ts';

/** Messages beyond these are forgotten, oldest first. */
const remembered = 100;

/** State that all syncs of one session share, also those that come later. */
export interface Shared {
  readonly syncs: Set<object>;
  /** Ids of messages that were sent here and that the log never had. */
  readonly unsent: Set<string>;
  /** Ids of messages that were sent here and that the log has, or had. */
  readonly taken: Set<string>;
  /** Sends that were under way when it was looked at last. */
  readonly sends: Set<OwnSend>;
}

const all = new WeakMap<SyncedSession, Shared>();

export function sharedOf(session: SyncedSession): Shared {
  const known = all.get(session);
  if (known) return known;
  const shared: Shared = {
    syncs: new Set(),
    unsent: new Set(),
    taken: new Set(),
    sends: new Set(),
  };
  all.set(session, shared);
  return shared;
}

/** Counts one more sync of the session, until the returned function is called. */
export function join(session: SyncedSession): () => void {
  const { syncs } = sharedOf(session);
  const own = {};
  syncs.add(own);
  session.isKept = true;
  return () => {
    syncs.delete(own);
    session.isKept = syncs.size > 0;
  };
}

/**
 * Remembers the messages of sends: they stay in the chat whatever becomes of the send. An edit is
 * none of them: when it fails, what it would have replaced is there again.
 */
export function noteSends(
  { unsent, taken, sends }: Shared,
  acts: ReadonlySet<SessionAct>,
  isLogged: (id: string) => boolean,
  wasLogged: (id: string) => boolean,
): void {
  for (const act of sends) {
    if (acts.has(act)) continue;
    sends.delete(act);
    // The log had it, though this client may have missed that: it was cut off at once. What was
    // taken back is to go too.
    if (!isOver(act.state) || !act.message) continue;
    unsent.delete(act.message.id);
    remember(taken, remembered, act.message.id);
  }
  for (const act of acts) {
    if (!act.message || act.isQueued) continue;
    if (act.after !== undefined && wasLogged(act.message.id)) continue;
    sends.add(act);
    const isWithdrawn = act.state === 'withdrawn';
    if (isWithdrawn) unsent.delete(act.message.id);
    if (isWithdrawn || isLogged(act.message.id)) continue;
    remember(unsent, remembered, act.message.id);
  }
}
