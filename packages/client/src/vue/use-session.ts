import type { CancelState, Presence, RunInfo } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import {
  type ComputedRef,
  computed,
  type MaybeRefOrGetter,
  onScopeDispose,
  shallowRef,
  toValue,
  watch,
} from 'vue';
import type { ConnectionStatus } from '../connection/status.ts';
import type { HoldfastChatTransport } from '../contract.ts';
import {
  createFollowing,
  type FollowedChat,
  type Following,
  notFollowed,
} from '../sync/following.ts';

/** The part of a transport that is used: one of any message type fits. */
export type SessionTransport = Pick<
  HoldfastChatTransport,
  'cancel' | 'connection' | 'hold' | 'page' | 'session'
>;

/** What a chat does not know of its session, as refs. */
export interface SessionRefs {
  /** The connection that all chats of the transport share. */
  readonly connection: ComputedRef<ConnectionStatus>;
  /** Runs of this chat, whoever started them: live ones, and those of the last message. */
  readonly runs: ComputedRef<readonly RunInfo[]>;
  /** Who has the session open now. */
  readonly participants: ComputedRef<readonly Presence[]>;
  readonly hasOlder: ComputedRef<boolean>;
  readonly isLoadingOlder: ComputedRef<boolean>;
  /** Whether the chat shows all that the server has told. */
  readonly isSynced: ComputedRef<boolean>;
  /** Stops every live run of this chat for everybody; resolves once that is in the log. */
  stop(): Promise<CancelState>;
  /** Puts older messages in front; resolves with whether there are more. */
  loadOlder(limit?: number): Promise<boolean>;
  /** Tells others that the user types; without a further call for 5 s no longer. */
  setTyping(isTyping: boolean): void;
}

/**
 * Keeps a `Chat` of `@ai-sdk/vue` in step with its session until the scope is disposed, which never
 * stops a run. The chat may be a ref or a getter: another one is followed in its place. On a server
 * nothing is followed.
 */
export function useSession<UI_MESSAGE extends UIMessage = UIMessage>(
  chat: MaybeRefOrGetter<FollowedChat<UI_MESSAGE>>,
  transport: SessionTransport,
): SessionRefs {
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
      () => toValue(chat),
      (next) => {
        end();
        end = follow(next);
      },
      { immediate: true, flush: 'sync' },
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
    participants: computed(() => state.value.participants),
    hasOlder: computed(() => state.value.hasOlder),
    isLoadingOlder: computed(() => state.value.isLoadingOlder),
    isSynced: computed(() => state.value.isSynced),
    stop: () => transport.cancel(toValue(chat).id),
    loadOlder: (limit) => following?.loadOlder(limit) ?? Promise.resolve(false),
    setTyping: (isTyping) => following?.setTyping(isTyping),
  };
}
