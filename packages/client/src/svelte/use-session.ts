import type { UIMessage } from 'ai';
import { untrack } from 'svelte';
import { createSubscriber } from 'svelte/reactivity';
import type {
  Carrier,
  CarrierReason,
  ConnectionStatus,
  ConnectionTrouble,
} from '../contract/connection.ts';
import type { HoldfastChatTransport } from '../contract/transport.ts';
import type { ChatSyncState, SyncTransport } from '../sync/contract.ts';
import { createFollowing, type FollowedChat, type FollowingOptions } from '../sync/following.ts';
import {
  type CommandTransport,
  commandsOf,
  type SessionCommands,
} from '../sync/session-commands.ts';

/** The part of a transport that is used: one of any message type fits. */
export type SessionTransport = SyncTransport &
  CommandTransport &
  Pick<HoldfastChatTransport, 'connection'>;

/** The state of a session that its chat does not know. Its members are reactive: read them in place. */
export interface ReactiveSession extends ChatSyncState, SessionCommands {
  /** The connection that all chats of the transport share. */
  readonly connection: ConnectionStatus;
  /** Why it is not online, and how many tries have failed; null where nothing has. */
  readonly trouble: ConnectionTrouble | null;
  /** What carries it, a socket or HTTP; null while it is not online. */
  readonly carrier: Carrier | null;
  /** Why that is HTTP; null while it is not. */
  readonly carrierReason: CarrierReason | null;
  /** Follows until the returned function is called, which never stops a run: `$effect(session.follow)`. */
  readonly follow: () => () => void;
  /** Puts older messages in front; resolves with whether there are more. */
  readonly loadOlder: (limit?: number) => Promise<boolean>;
  /** Loads the texts of a message of `cut` whole; rejects with a `HoldfastError` and changes nothing. */
  readonly loadWhole: (messageId: string) => Promise<void>;
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
  options: FollowingOptions<UI_MESSAGE> = {},
): ReactiveSession {
  const following = createFollowing(chat, transport, options);
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
    get trouble() {
      track();
      return transport.connection.trouble;
    },
    get carrier() {
      track();
      return transport.connection.carrier;
    },
    get carrierReason() {
      track();
      return transport.connection.carrierReason;
    },
    get runs() {
      return read().runs;
    },
    get queue() {
      return read().queue;
    },
    get operator() {
      return read().operator;
    },
    get pending() {
      return read().pending;
    },
    get participants() {
      return read().participants;
    },
    get authorOf() {
      return read().authorOf;
    },
    get hasOlder() {
      return read().hasOlder;
    },
    get isLoadingOlder() {
      return read().isLoadingOlder;
    },
    get cut() {
      return read().cut;
    },
    get isSynced() {
      return read().isSynced;
    },
    // Reads of the chat at its start are not what an effect is to wait for.
    follow: () => untrack(following.start),
    ...commandsOf(() => chat.id, transport),
    loadOlder: following.loadOlder,
    loadWhole: following.loadWhole,
    setTyping: following.setTyping,
  };
}
