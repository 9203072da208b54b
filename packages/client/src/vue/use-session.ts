import type { CancelState, Presence, QueuedSend, RunInfo } from '@holdfast/protocol';
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
import type { ConnectionStatus } from '../connection/status.ts';
import type { HoldfastChatTransport } from '../contract.ts';
import type { Arrangement, Enqueued } from '../queue.ts';
import type { SteerMessage, SteerOutcome } from '../steer.ts';
import {
  createFollowing,
  type FollowedChat,
  type Following,
  notFollowed,
} from '../sync/following.ts';

/** The part of a transport that is used: one of any message type fits. */
export type SessionTransport = Pick<
  HoldfastChatTransport,
  'arrange' | 'cancel' | 'connection' | 'enqueue' | 'hold' | 'page' | 'session' | 'steer'
>;

/** What `useChat` gives. */
export interface ChatRefs<UI_MESSAGE extends UIMessage = UIMessage> {
  readonly id: Readonly<Ref<string>>;
  readonly messages: Ref<UI_MESSAGE[]>;
  readonly status: Readonly<Ref<ChatStatus>>;
  readonly resumeStream: () => Promise<void>;
}

const isRefs = <UI_MESSAGE extends UIMessage>(
  chat: FollowedChat<UI_MESSAGE> | ChatRefs<UI_MESSAGE>,
): chat is ChatRefs<UI_MESSAGE> => isRef(chat.id);

/** The chat of that id which the refs show. */
function chatOf<UI_MESSAGE extends UIMessage>({
  id: { value: id },
  messages,
  status,
  resumeStream,
}: ChatRefs<UI_MESSAGE>): FollowedChat<UI_MESSAGE> {
  return {
    id,
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

/** What a chat does not know of its session, as refs. */
export interface SessionRefs {
  /** The connection that all chats of the transport share. */
  readonly connection: ComputedRef<ConnectionStatus>;
  /** Runs of this chat, whoever started them: live ones, and those of the last message. */
  readonly runs: ComputedRef<readonly RunInfo[]>;
  /** Messages that wait for their turn, the next one first. */
  readonly queue: ComputedRef<readonly QueuedSend[]>;
  /** Who has the session open now. */
  readonly participants: ComputedRef<readonly Presence[]>;
  readonly hasOlder: ComputedRef<boolean>;
  readonly isLoadingOlder: ComputedRef<boolean>;
  /** Whether the chat shows all that the server has told. */
  readonly isSynced: ComputedRef<boolean>;
  /** Stops every live run of this chat for everybody; resolves once that is in the log. */
  stop(): Promise<CancelState>;
  /** Sends a message to the run that is under way; resolves once it is known what became of it. */
  steer(message: SteerMessage): Promise<SteerOutcome>;
  /** Sends a message that waits while the session is busy. */
  enqueue(message: SteerMessage): Promise<Enqueued>;
  /** Reorders the queue, or takes messages out of it. */
  arrange(arrangement: Arrangement): Promise<readonly QueuedSend[]>;
  /** Puts older messages in front; resolves with whether there are more. */
  loadOlder(limit?: number): Promise<boolean>;
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
): SessionRefs {
  const current = computed(() => {
    const given = toValue(chat);
    return isRefs(given) ? chatOf(given) : given;
  });
  const state = shallowRef(notFollowed);
  const connection = shallowRef<ConnectionStatus>(transport.connection.getSnapshot());
  let following: Following | null = null;

  function follow(followed: FollowedChat<UI_MESSAGE>): () => void {
    const next = createFollowing(followed, transport);
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
    runs: computed(() => state.value.runs),
    queue: computed(() => state.value.queue),
    participants: computed(() => state.value.participants),
    hasOlder: computed(() => state.value.hasOlder),
    isLoadingOlder: computed(() => state.value.isLoadingOlder),
    isSynced: computed(() => state.value.isSynced),
    stop: () => transport.cancel(current.value.id),
    steer: (message) => transport.steer(current.value.id, message),
    enqueue: (message) => transport.enqueue(current.value.id, message),
    arrange: (arrangement) => transport.arrange(current.value.id, arrangement),
    loadOlder: (limit) => following?.loadOlder(limit) ?? Promise.resolve(false),
    setTyping: (isTyping) => following?.setTyping(isTyping),
  };
}
