import type { UIMessage } from 'ai';
import { createChanges, type Observable } from '../changes.ts';
import { defaultEnvironment } from '../environment.ts';
import { pendingOf } from '../outbox/pending.ts';
import type { ChatSync, ChatSyncState, SyncedChat, SyncTransport } from './contract.ts';
import { type ChatSyncOptions, syncChat } from './sync-chat.ts';
import { isSame, notFollowed } from './sync-state.ts';
import { createTyping } from './typing.ts';

/** A chat to keep in step, or the id alone of one whose messages are left alone. */
export type FollowedChat<UI_MESSAGE extends UIMessage = UIMessage> =
  /** Only the id: the session is followed, and no messages are set. */
  { readonly id: string } | SyncedChat<UI_MESSAGE>;

/** Options that a component adds to what it follows. */
export type FollowingOptions<UI_MESSAGE extends UIMessage = UIMessage> = Pick<
  ChatSyncOptions<UI_MESSAGE>,
  'tools'
>;

/** A component's part of a session: it can be made while rendering, and does nothing before `start`. */
export interface Following
  extends Observable<ChatSyncState>,
    Pick<ChatSync, 'loadOlder' | 'loadWhole' | 'setTyping' | 'refresh'> {
  /** Follows until the returned function is called; may be called again after that. */
  start(): () => void;
}

const isSyncable = <UI_MESSAGE extends UIMessage>(
  chat: FollowedChat<UI_MESSAGE>,
): chat is SyncedChat<UI_MESSAGE> => 'resumeStream' in chat;

/** Holds the session, and tells its runs and that the user types. */
function hold(id: string, transport: SyncTransport): ChatSync {
  const session = transport.session(id);
  const typing = createTyping((state) => session.present(state), defaultEnvironment);
  const release = transport.hold(id);
  let state = notFollowed;
  return {
    subscribe: session.subscribe,
    getSnapshot: () => {
      const { runs, queue, operator } = session;
      const pending = pendingOf(session.acts, state.pending);
      const next = { ...notFollowed, runs, queue, operator, pending };
      if (!isSame(state, next)) state = next;
      return state;
    },
    stop: () => {
      typing.stop();
      release();
    },
    loadOlder: () => Promise.resolve(false),
    loadWhole: () => Promise.resolve(),
    setTyping: typing.set,
    refresh: () => {},
  };
}

export function createFollowing<UI_MESSAGE extends UIMessage>(
  chat: FollowedChat<UI_MESSAGE>,
  transport: SyncTransport,
  options: FollowingOptions<UI_MESSAGE> = {},
): Following {
  const changes = createChanges();
  let sync: ChatSync | null = null;
  return {
    start: () => {
      const started = isSyncable(chat)
        ? syncChat(chat, transport, options)
        : hold(chat.id, transport);
      sync = started;
      const unsubscribe = started.subscribe(changes.notify);
      changes.notify();
      return () => {
        unsubscribe();
        started.stop();
        if (sync === started) sync = null;
      };
    },
    subscribe: changes.subscribe,
    getSnapshot: () => sync?.getSnapshot() ?? notFollowed,
    loadOlder: (limit) => sync?.loadOlder(limit) ?? Promise.resolve(false),
    loadWhole: (id) => sync?.loadWhole(id) ?? Promise.resolve(),
    setTyping: (isTyping) => sync?.setTyping(isTyping),
    refresh: () => sync?.refresh(),
  };
}
