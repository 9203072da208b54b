'use client';

import { createChatTransport } from '@holdfast/client';
import { createContext, type ReactNode, use, useState } from 'react';
import { provideClipboard } from '../lib/clipboard.ts';
import { createDrafts, type Drafts } from '../lib/drafts.ts';
import { createNetwork, type Network } from '../lib/network.ts';
import type { ChatMessage } from '../lib/tools.ts';
import type { Visitor } from '../lib/visitor.ts';

type Transport = ReturnType<typeof createChatTransport<ChatMessage>>;

export interface Connected {
  readonly transport: Transport;
  readonly network: Network;
  readonly drafts: Drafts;
  /** Who this browser is to others. */
  readonly visitor: Visitor;
  /** Where other devices find this server; null where they do not, as far as it knows. */
  readonly sharedAddress: string | null;
  /** Whether that is somebody who may answer in the place of the agents. */
  readonly isOperator: boolean;
}

const Context = createContext<Connected | null>(null);

interface Settings {
  /** Where the gateway is. */
  readonly url: string;
  readonly visitor: Visitor;
  readonly isOperator?: boolean;
  readonly sharedAddress?: string | null;
}

/** A network of its own, and a transport over it. */
export function connect(settings: Settings): Connected {
  const { url, visitor, isOperator = false, sharedAddress = null } = settings;
  const network = createNetwork();
  const { WebSocket, fetch } = network;
  const transport = createChatTransport<ChatMessage>({
    api: '/api/chat',
    url,
    WebSocket,
    fetch,
    ...(isOperator && { headers: { 'x-demo-operator': 'yes' }, token: 'operator' }),
    // What could not be sent is sent by the next page of the same visitor.
    outbox: {
      storage: typeof window === 'undefined' ? undefined : window.localStorage,
      owner: visitor.id,
    },
  });
  const drafts = createDrafts(() => window.sessionStorage);
  return { network, drafts, visitor, isOperator, sharedAddress, transport };
}

/** One transport for the whole page, so that its chats share a socket. */
export function TransportProvider(props: Settings & { readonly children: ReactNode }) {
  const { children, ...settings } = props;
  const [connected] = useState((): Connected => {
    provideClipboard();
    return connect(settings);
  });
  return <Connection of={connected}>{children}</Connection>;
}

/** What is in it uses that transport. */
export function Connection({
  of,
  children,
}: {
  readonly of: Connected;
  readonly children: ReactNode;
}) {
  return <Context value={of}>{children}</Context>;
}

export function useConnected(): Connected {
  const connected = use(Context);
  if (!connected) throw new Error('unable to find the transport; there is no TransportProvider');
  return connected;
}
