import type { ChatStatus, UIMessage } from 'ai';
import {
  type ComputedRef,
  computed,
  isRef,
  type MaybeRefOrGetter,
  onScopeDispose,
  type Ref,
  shallowRef,
  toValue,
  watch,
} from 'vue';
import type {
  Carrier,
  CarrierReason,
  ConnectionStatus,
  ConnectionTrouble,
} from '../contract/connection.ts';
import type { HoldfastChatTransport } from '../contract/transport.ts';
import type { ChatSyncState, SyncTransport } from '../sync/contract.ts';
import {
  createFollowing,
  type FollowedChat,
  type Following,
  type FollowingOptions,
} from '../sync/following.ts';
import {
  type CommandTransport,
  commandsOf,
  type SessionCommands,
} from '../sync/session-commands.ts';
import { members, notFollowed } from '../sync/sync-state.ts';

/** The part of a transport that is used: one of any message type fits. */
export type SessionTransport = SyncTransport &
  CommandTransport &
  Pick<HoldfastChatTransport, 'connection'>;

/** The refs that `useChat` gives. */
export interface ChatRefs<UI_MESSAGE extends UIMessage = UIMessage> {
  /** Id of the chat. */
  readonly id: Readonly<Ref<string>>;
  /** The messages that the chat shows. */
  readonly messages: Ref<UI_MESSAGE[]>;
  /** The status of the chat. */
  readonly status: Readonly<Ref<ChatStatus>>;
  /** Asks for the stream of the live run. */
  readonly resumeStream: () => Promise<void>;
  /** Given outputs that others gave. */
  readonly addToolOutput?: (output: never) => unknown;
  /** Given responses to approvals that others gave. */
  readonly addToolApprovalResponse?: (response: never) => unknown;
}

const isRefs = <UI_MESSAGE extends UIMessage>(
  chat: FollowedChat<UI_MESSAGE> | ChatRefs<UI_MESSAGE>,
): chat is ChatRefs<UI_MESSAGE> => isRef(chat.id);

/** The chat of that id which the refs show. */
function chatOf<UI_MESSAGE extends UIMessage>({
  id: { value: id },
  messages,
  status,
  ...rest
}: ChatRefs<UI_MESSAGE>): FollowedChat<UI_MESSAGE> {
  const { resumeStream, addToolOutput, addToolApprovalResponse } = rest;
  return {
    id,
    ...(addToolOutput && { addToolOutput }),
    ...(addToolApprovalResponse && { addToolApprovalResponse }),
    get messages() {
      return messages.value;
    },
    set messages(next) {
      messages.value = next;
    },
    get status() {
      return status.value;
    },
    resumeStream,
  };
}

/** The members of a type, each as a computed ref. */
type Refs<T> = { readonly [MEMBER in keyof T]: ComputedRef<T[MEMBER]> };

/** The state of a session that its chat does not know, as refs. */
export interface SessionRefs extends Refs<ChatSyncState>, SessionCommands {
  /** The connection that all chats of the transport share. */
  readonly connection: ComputedRef<ConnectionStatus>;
  /** Why it is not online, and how many tries have failed; null where nothing has. */
  readonly trouble: ComputedRef<ConnectionTrouble | null>;
  /** What carries it, a socket or HTTP; null while it is not online. */
  readonly carrier: ComputedRef<Carrier | null>;
  /** Why that is HTTP; null while it is not. */
  readonly carrierReason: ComputedRef<CarrierReason | null>;
  /** Puts older messages in front; resolves with whether there are more. */
  loadOlder(limit?: number): Promise<boolean>;
  /** Loads the texts of a message of `cut` whole; rejects with a `HoldfastError` and changes nothing. */
  loadWhole(messageId: string): Promise<void>;
  /** Tells others that the user types; without a further call for 5 s no longer. */
  setTyping(isTyping: boolean): void;
}

/**
 * Keeps a chat of `@ai-sdk/vue`, from `useChat` or a `Chat`, in step with its session until the scope
 * is disposed, which never stops a run. The chat may be a ref or a getter: another one, or one of
 * another id, is followed in its place. On a server nothing is followed.
 */
export function useSession<UI_MESSAGE extends UIMessage = UIMessage>(
  chat: MaybeRefOrGetter<FollowedChat<UI_MESSAGE> | ChatRefs<UI_MESSAGE>>,
  transport: SessionTransport,
  options: FollowingOptions<UI_MESSAGE> = {},
): SessionRefs {
  const current = computed(() => {
    const given = toValue(chat);
    return isRefs(given) ? chatOf(given) : given;
  });
  const state = shallowRef(notFollowed);
  const connection = shallowRef<ConnectionStatus>(transport.connection.getSnapshot());
  const trouble = shallowRef(transport.connection.trouble);
  let following: Following | null = null;

  function follow(followed: FollowedChat<UI_MESSAGE>): () => void {
    const next = createFollowing(followed, transport, options);
    following = next;
    const read = () => {
      state.value = next.getSnapshot();
    };
    const ends = [next.subscribe(read), next.start()];
    read();
    return () => {
      for (const end of ends) end();
    };
  }

  if (typeof window !== 'undefined') {
    const read = () => {
      connection.value = transport.connection.getSnapshot();
      trouble.value = transport.connection.trouble;
    };
    let end = (): void => {};
    watch(
      current,
      (next) => {
        end();
        end = follow(next);
      },
      { immediate: true, flush: 'sync' },
    );
    // `useChat` may publish later than its chat changes.
    watch(
      () => {
        const given = toValue(chat);
        return isRefs(given) ? [given.messages.value, given.status.value] : [];
      },
      () => following?.refresh(),
    );
    const unsubscribe = transport.connection.subscribe(read);
    onScopeDispose(() => {
      end();
      unsubscribe();
    });
  }

  return {
    connection: computed(() => connection.value),
    trouble: computed(() => trouble.value),
    // They change with the connection only.
    carrier: computed(() => connection.value && transport.connection.carrier),
    carrierReason: computed(() => connection.value && transport.connection.carrierReason),
    ...(Object.fromEntries(
      members.map((member) => [member, computed(() => state.value[member])]),
    ) as unknown as Refs<ChatSyncState>),
    ...commandsOf(() => current.value.id, transport),
    loadOlder: (limit) => following?.loadOlder(limit) ?? Promise.resolve(false),
    loadWhole: (id) => following?.loadWhole(id) ?? Promise.resolve(),
    setTyping: (isTyping) => following?.setTyping(isTyping),
  };
}
