import type { CancelState, Presence, QueuedSend, RunInfo } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import {
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
} from 'react';
import type { ConnectionStatus } from '../connection/status.ts';
import type { HoldfastChatTransport } from '../contract.ts';
import type { Arrangement, Enqueued } from '../queue.ts';
import type { SteerMessage, SteerOutcome } from '../steer.ts';
import type { SyncedChat } from '../sync/contract.ts';
import { createFollowing, type FollowedChat, notFollowed } from '../sync/following.ts';

/** The part of a transport that the hook uses: one of any message type fits. */
export type SessionTransport = Pick<
  HoldfastChatTransport,
  'arrange' | 'cancel' | 'connection' | 'enqueue' | 'hold' | 'page' | 'session' | 'steer'
>;

export interface SessionHelpers {
  /** The connection that all chats of the transport share. */
  readonly connection: ConnectionStatus;
  /** Runs of this chat, whoever started them: live ones, and those of the last message. */
  readonly runs: readonly RunInfo[];
  /** Messages that wait for their turn, the next one first. */
  readonly queue: readonly QueuedSend[];
  /** Who has the session open now. */
  readonly participants: readonly Presence[];
  /** Whether the session has older messages than the chat shows. */
  readonly hasOlder: boolean;
  readonly isLoadingOlder: boolean;
  /** Whether the chat shows all that the server has told; false before the first answer and offline. */
  readonly isSynced: boolean;
  /** Stops every live run of this chat for everybody; resolves once that is in the log. */
  readonly stop: () => Promise<CancelState>;
  /** Sends a message to the run that is under way; resolves once it is known what became of it. */
  readonly steer: (message: SteerMessage) => Promise<SteerOutcome>;
  /** Sends a message that waits while the session is busy. */
  readonly enqueue: (message: SteerMessage) => Promise<Enqueued>;
  /** Reorders the queue, or takes messages out of it. */
  readonly arrange: (arrangement: Arrangement) => Promise<readonly QueuedSend[]>;
  /**
   * Puts older messages in front, as many as the server says or up to `limit`. Resolves with whether
   * there are more; rejects with a `HoldfastError` and changes nothing.
   */
  readonly loadOlder: (limit?: number) => Promise<boolean>;
  /** Tells others that the user types; without a further call for 5 s no longer. */
  readonly setTyping: (isTyping: boolean) => void;
}

const idle = (): ConnectionStatus => 'idle';
const onServer = () => notFollowed;

/** React warns about layout effects where there is no layout. */
const useIsomorphicLayoutEffect = typeof document === 'undefined' ? useEffect : useLayoutEffect;

/** The chat as it was rendered last, under one identity. */
function latestOf<UI_MESSAGE extends UIMessage>(
  id: string,
  latest: RefObject<FollowedChat<UI_MESSAGE>>,
): FollowedChat<UI_MESSAGE> {
  if (!('resumeStream' in latest.current)) return { id };
  const chat = (): SyncedChat<UI_MESSAGE> => latest.current as SyncedChat<UI_MESSAGE>;
  const port = {
    id,
    get messages() {
      return chat().messages;
    },
    set messages(messages: UI_MESSAGE[]) {
      chat().messages = messages;
    },
    get status() {
      return chat().status;
    },
    resumeStream: () => chat().resumeStream(),
  };
  if (!latest.current.setMessages) return port;
  return Object.assign(port, {
    setMessages: (messages: UI_MESSAGE[] | ((live: UI_MESSAGE[]) => UI_MESSAGE[])) =>
      chat().setMessages?.(messages),
  });
}

/**
 * Keeps the chat of `useChat` in step with its session, and tells what the chat does not know: the
 * connection, the runs of other tabs, who is there, and whether there is more to load. With it an
 * unmount, or a change of the chat's id, leaves the run alone, and `chat.stop()` still stops it.
 *
 * Given `{ id }` alone it may stand before `useChat`; it then leaves the messages alone, and tells the
 * connection and the runs only.
 */
export function useSession<UI_MESSAGE extends UIMessage = UIMessage>(
  chat: FollowedChat<UI_MESSAGE>,
  transport: SessionTransport,
): SessionHelpers {
  const { id } = chat;
  const isChat = 'resumeStream' in chat;
  const latest = useRef(chat);
  useIsomorphicLayoutEffect(() => {
    latest.current = chat;
  });
  const following = useMemo(
    () => createFollowing(isChat ? latestOf(id, latest) : { id }, transport),
    [id, isChat, transport],
  );
  // A layout effect is cleaned up before the passive one in which `useChat` stops.
  useIsomorphicLayoutEffect(() => following.start(), [following]);
  const { messages, status } = isChat ? chat : { messages: undefined, status: undefined };
  useIsomorphicLayoutEffect(() => following.refresh(), [following, messages, status]);

  const { subscribe, getSnapshot } = transport.connection;
  const connection = useSyncExternalStore(subscribe, getSnapshot, idle);
  const state = useSyncExternalStore(following.subscribe, following.getSnapshot, onServer);
  const stop = useCallback(() => transport.cancel(id), [id, transport]);
  const steer = useCallback(
    (message: SteerMessage) => transport.steer(id, message),
    [id, transport],
  );
  const enqueue = useCallback(
    (message: SteerMessage) => transport.enqueue(id, message),
    [id, transport],
  );
  const arrange = useCallback(
    (arrangement: Arrangement) => transport.arrange(id, arrangement),
    [id, transport],
  );
  const { loadOlder, setTyping } = following;
  return { ...state, connection, stop, steer, enqueue, arrange, loadOlder, setTyping };
}
