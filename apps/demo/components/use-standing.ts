'use client';

import type { UseChatHelpers } from '@ai-sdk/react';
import type { PendingMessage } from '@holdfast/client';
import type { SessionHelpers } from '@holdfast/client/react';
import { useMemo } from 'react';
import { isAway, type Link } from '../lib/link.ts';
import { type RunNow, runNow } from '../lib/run-now.ts';
import type { OutboxNow } from '../lib/status-words.ts';
import type { ChatMessage } from '../lib/tools.ts';
import type { Ending } from '../lib/way-on.ts';
import { useConnected } from './transport-provider.tsx';
import { useHealth } from './use-health.ts';
import { useLink } from './use-link.ts';

/** How the page stands: what is said of it, and what can be done, follows from this alone. */
export interface Standing {
  readonly link: Link;
  readonly run: RunNow;
  readonly outbox: OutboxNow;
  /** Messages that have not reached the server and are shown as such. */
  readonly unsent: readonly PendingMessage[];
  /** All others. */
  readonly messages: readonly ChatMessage[];
  /** Ids of messages that are being written. */
  readonly live: ReadonlySet<string>;
  /** How runs of messages ended, where that was before their time. */
  readonly endings: ReadonlyMap<string, Ending>;
}

interface Options {
  readonly id: string;
  readonly chat: Pick<UseChatHelpers<ChatMessage>, 'messages' | 'status'>;
  readonly session: SessionHelpers;
  readonly isStopping: boolean;
}

export function useStanding({ id, chat, session, isStopping }: Options): Standing {
  const { transport } = useConnected();
  const { status } = chat;
  const { runs, connection, pending, queue } = session;
  const live = new Set(
    runs.filter(({ state }) => state === 'running').map(({ messageId }) => messageId),
  );
  const isBusy = status === 'submitted' || status === 'streaming' || live.size > 0;
  const isExpecting = connection === 'online' && (isBusy || pending.length > 0);
  const health = useHealth(isExpecting, () => transport.snapshot(id), [
    chat.messages,
    runs,
    status,
    pending,
    queue,
  ]);
  const link = useLink(connection, health.isStuck);
  const isHeld = isAway(link) || link === 'stuck';
  const unsent = useMemo(
    () => pending.filter(({ state }) => state === 'waiting' || isHeld),
    [pending, isHeld],
  );
  // What waits in the outbox is shown there, and not as said already.
  const messages = useMemo(
    () =>
      unsent.length === 0
        ? chat.messages
        : chat.messages.filter(({ id: shown }) =>
            unsent.every(({ message }) => message.id !== shown),
          ),
    [chat.messages, unsent],
  );
  const { isSilent } = health;
  const endings = useMemo(() => endingsOf(runs), [runs]);
  return {
    link,
    run: runNow({ status, runs, messages, isStopping, isSilent }),
    outbox: pending.length > 0 ? 'unsent' : 'empty',
    unsent,
    messages,
    live,
    endings,
  };
}

const endingsOf = (runs: SessionHelpers['runs']): ReadonlyMap<string, Ending> =>
  new Map(
    runs.flatMap(({ messageId, state }) =>
      state === 'stopped' || state === 'failed' || state === 'lost' ? [[messageId, state]] : [],
    ),
  );
