import type { UIMessage } from 'ai';
import { createChanges, type Observable } from '../changes.ts';
import type { PendingMessage } from '../contract/session.ts';
import { pendingOf } from '../outbox/pending.ts';
import type { SyncContext } from './context.ts';
import type { ChatSyncState } from './contract.ts';
import { cutOf } from './cut.ts';
import type { History } from './history.ts';
import { isSame, notFollowed } from './sync-state.ts';

/** The state of a session that its chat does not know, for those who follow it. */
export interface Published extends Observable<ChatSyncState> {
  /**
   * True when the session itself is another than when it was asked last. It tells with every entry, and
   * most change nothing that is looked at.
   */
  hasChanged(): boolean;
  /** Tells of the state as it is now, when it is another; with whether the chat shows all of a session that is there. */
  publish(isShown: boolean): void;
}

export function createPublished<UI_MESSAGE extends UIMessage>(
  { session, model }: SyncContext<UI_MESSAGE>,
  history: History,
): Published {
  const changes = createChanges();
  let seen: readonly unknown[] = [];
  let pending: readonly PendingMessage[] = [];
  let state = notFollowed;
  return {
    subscribe: changes.subscribe,
    getSnapshot: () => state,
    hasChanged: () => {
      const { acts, streams, isLive, runs, queue, operator } = session;
      pending = pendingOf(acts, pending);
      // What is taken back before its turn has come was not pending yet, but shown.
      const kept = [...acts].filter(({ state: of }) => of !== 'withdrawn').length;
      const now = [acts.size, kept, streams.size, isLive, runs, queue, operator, pending];
      if (now.every((value, at) => value === seen[at])) return false;
      seen = now;
      return true;
    },
    publish: (isShown) => {
      const isKnown = model.state === 'absent' || (model.state === 'known' && isShown);
      const next: ChatSyncState = {
        runs: session.runs,
        queue: session.queue,
        operator: session.operator,
        pending,
        participants: model.participants,
        authorOf: model.authorOf,
        hasOlder: model.before !== null,
        isLoadingOlder: history.isLoading,
        cut: cutOf(model.projection, state.cut),
        isSynced: isKnown && session.isLive,
      };
      if (isSame(next, state)) return;
      state = next;
      changes.notify();
    },
  };
}
