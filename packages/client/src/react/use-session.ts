import type { UIMessage } from 'ai';
import {
  type RefObject,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
} from 'react';
import type {
  Carrier,
  CarrierReason,
  ConnectionStatus,
  ConnectionTrouble,
} from '../contract/connection.ts';
import type { HoldfastChatTransport } from '../contract/transport.ts';
import type { ChatSyncState, SyncedChat, SyncTransport } from '../sync/contract.ts';
import { createFollowing, type FollowedChat, type FollowingOptions } from '../sync/following.ts';
import {
  type CommandTransport,
  commandsOf,
  type SessionCommands,
} from '../sync/session-commands.ts';
import { notFollowed } from '../sync/sync-state.ts';

/** The part of a transport that the hook uses: one of any message type fits. */
export type SessionTransport = SyncTransport &
  CommandTransport &
  Pick<HoldfastChatTransport, 'connection'>;

/** The result of `useSession`: state that the chat does not know, and commands. */
export interface SessionHelpers extends ChatSyncState, SessionCommands {
  /** The connection that all chats of the transport share. */
  readonly connection: ConnectionStatus;
  /** Why it is not online, and how many tries have failed; null where nothing has. */
  readonly trouble: ConnectionTrouble | null;
  /** What carries it, a socket or HTTP; null while it is not online. */
  readonly carrier: Carrier | null;
  /** Why that is HTTP; null while it is not. */
  readonly carrierReason: CarrierReason | null;
  /**
   * Puts older messages in front, as many as the server says or up to `limit` (of 1 to `pageLimit`). Resolves with
   * whether there are more; rejects with a `HoldfastError` and changes nothing. A call while another is under way
   * shares its outcome.
   */
  readonly loadOlder: (limit?: number) => Promise<boolean>;
  /** Loads the texts of a message of `cut` whole; rejects with a `HoldfastError` and changes nothing. */
  readonly loadWhole: (messageId: string) => Promise<void>;
  /** Tells others that the user types; without a further call for 5 s no longer. */
  readonly setTyping: (isTyping: boolean) => void;
}

const idle = (): ConnectionStatus => 'idle';
const nothing = (): null => null;
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
    addToolOutput: (output: never) => chat().addToolOutput?.(output),
    addToolApprovalResponse: (response: never) => chat().addToolApprovalResponse?.(response),
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
  options: FollowingOptions<UI_MESSAGE> = {},
): SessionHelpers {
  const { id } = chat;
  const isChat = 'resumeStream' in chat;
  const latest = useRef(chat);
  const tools = useRef(options.tools);
  useIsomorphicLayoutEffect(() => {
    latest.current = chat;
    tools.current = options.tools;
  });
  const following = useMemo(
    () =>
      createFollowing(isChat ? latestOf(id, latest) : { id }, transport, {
        get tools() {
          return tools.current;
        },
      }),
    [id, isChat, transport],
  );
  // A layout effect is cleaned up before the passive one in which `useChat` stops.
  useIsomorphicLayoutEffect(() => following.start(), [following]);
  const { messages, status } = isChat ? chat : { messages: undefined, status: undefined };
  useIsomorphicLayoutEffect(() => following.refresh(), [following, messages, status]);

  const { subscribe, getSnapshot } = transport.connection;
  const connection = useSyncExternalStore(subscribe, getSnapshot, idle);
  const getTrouble = (): ConnectionTrouble | null => transport.connection.trouble;
  const trouble = useSyncExternalStore(subscribe, getTrouble, nothing);
  const state = useSyncExternalStore(following.subscribe, following.getSnapshot, onServer);
  const commands = useMemo(() => commandsOf(() => id, transport), [id, transport]);
  const { loadOlder, loadWhole, setTyping } = following;
  // They change with the connection only.
  const { carrier, carrierReason } = transport.connection;
  const shared = { connection, trouble, carrier, carrierReason };
  return { ...state, ...commands, ...shared, loadOlder, loadWhole, setTyping };
}
