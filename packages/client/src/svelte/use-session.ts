import type { CancelState, Presence, QueuedSend, RunInfo } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import { untrack } from 'svelte';
import { createSubscriber } from 'svelte/reactivity';
import type { ConnectionStatus } from '../connection/status.ts';
import type { HoldfastChatTransport } from '../contract.ts';
import type { Arrangement, Enqueued } from '../queue.ts';
import type { SteerMessage, SteerOutcome } from '../steer.ts';
import { createFollowing, type FollowedChat } from '../sync/following.ts';

/** The part of a transport that is used: one of any message type fits. */
export type SessionTransport = Pick<
  HoldfastChatTransport,
  'arrange' | 'cancel' | 'connection' | 'enqueue' | 'hold' | 'page' | 'session' | 'steer'
>;

/** What a chat does not know of its session. Its members are reactive: read them in place. */
export interface ReactiveSession {
  /** The connection that all chats of the transport share. */
  readonly connection: ConnectionStatus;
  /** Runs of this chat, whoever started them: live ones, and those of the last message. */
  readonly runs: readonly RunInfo[];
  /** Messages that wait for their turn, the next one first. */
  readonly queue: readonly QueuedSend[];
  /** Who has the session open now. */
  readonly participants: readonly Presence[];
  readonly hasOlder: boolean;
  readonly isLoadingOlder: boolean;
  /** Whether the chat shows all that the server has told. */
  readonly isSynced: boolean;
  /** Follows until the returned function is called, which never stops a run: `$effect(session.follow)`. */
  readonly follow: () => () => void;
  /** Stops every live run of this chat for everybody; resolves once that is in the log. */
  readonly stop: () => Promise<CancelState>;
  /** Sends a message to the run that is under way; resolves once it is known what became of it. */
  readonly steer: (message: SteerMessage) => Promise<SteerOutcome>;
  /** Sends a message that waits while the session is busy. */
  readonly enqueue: (message: SteerMessage) => Promise<Enqueued>;
  /** Reorders the queue, or takes messages out of it. */
  readonly arrange: (arrangement: Arrangement) => Promise<readonly QueuedSend[]>;
  /** Puts older messages in front; resolves with whether there are more. */
  readonly loadOlder: (limit?: number) => Promise<boolean>;
  /** Tells others that the user types; without a further call for 5 s no longer. */
  readonly setTyping: (isTyping: boolean) => void;
}

/**
 * Keeps a `Chat` of `@ai-sdk/svelte` in step with its session, from `follow` on: an effect of the
 * component that shows it, so that nothing happens on a server. Works without a compile step of its
 * own.
 */
export function useSession<UI_MESSAGE extends UIMessage = UIMessage>(
  chat: FollowedChat<UI_MESSAGE>,
  transport: SessionTransport,
): ReactiveSession {
  const following = createFollowing(chat, transport);
  const track = createSubscriber((update) => {
    const ends = [following.subscribe(update), transport.connection.subscribe(update)];
    return () => {
      for (const end of ends) end();
    };
  });
  const read = () => {
    track();
    return following.getSnapshot();
  };
  return {
    get connection() {
      track();
      return transport.connection.getSnapshot();
    },
    get runs() {
      return read().runs;
    },
    get queue() {
      return read().queue;
    },
    get participants() {
      return read().participants;
    },
    get hasOlder() {
      return read().hasOlder;
    },
    get isLoadingOlder() {
      return read().isLoadingOlder;
    },
    get isSynced() {
      return read().isSynced;
    },
    // What it reads of the chat at its start is not what an effect is to wait for.
    follow: () => untrack(following.start),
    stop: () => transport.cancel(chat.id),
    steer: (message) => transport.steer(chat.id, message),
    enqueue: (message) => transport.enqueue(chat.id, message),
    arrange: (arrangement) => transport.arrange(chat.id, arrangement),
    loadOlder: following.loadOlder,
    setTyping: following.setTyping,
  };
}
