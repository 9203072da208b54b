import type { CancelState, RunInfo } from '@holdfast/protocol';
import { useCallback, useEffect, useLayoutEffect, useMemo, useSyncExternalStore } from 'react';
import type { ConnectionStatus } from '../connection/status.ts';
import type { HoldfastChatTransport } from '../contract.ts';

/** The part of a transport that the hook uses: one of any message type fits. */
export type SessionTransport = Pick<
  HoldfastChatTransport,
  'cancel' | 'connection' | 'hold' | 'session'
>;

export interface SessionHelpers {
  /** The connection that all chats of the transport share. */
  readonly connection: ConnectionStatus;
  /** Runs of this chat, whoever started them: live ones, and those of the last message. */
  readonly runs: readonly RunInfo[];
  /** Stops every live run of this chat for everybody; resolves once that is in the log. */
  readonly stop: () => Promise<CancelState>;
}

const none: readonly RunInfo[] = [];
const noRuns = (): readonly RunInfo[] => none;
const idle = (): ConnectionStatus => 'idle';

/** React warns about layout effects where there is no layout. */
const useIsomorphicLayoutEffect = typeof document === 'undefined' ? useEffect : useLayoutEffect;

/**
 * What `useChat` does not tell about its chat: the connection, and the runs of other tabs. With it
 * an unmount, or a change of the chat's id, leaves the run alone, and `chat.stop()` still stops it.
 * It stands beside `useChat`, in either order.
 */
export function useSession(
  chat: { readonly id: string },
  transport: SessionTransport,
): SessionHelpers {
  const { id } = chat;
  // A layout effect is cleaned up before the passive one in which `useChat` stops.
  useIsomorphicLayoutEffect(() => transport.hold(id), [id, transport]);
  const { subscribe, getSnapshot } = transport.connection;
  const connection = useSyncExternalStore(subscribe, getSnapshot, idle);
  const session = useMemo(() => transport.session(id), [id, transport]);
  const runs = useSyncExternalStore(session.subscribe, session.getSnapshot, noRuns);
  const stop = useCallback(() => transport.cancel(id), [id, transport]);
  return { connection, runs, stop };
}
