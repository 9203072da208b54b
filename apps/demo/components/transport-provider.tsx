'use client';

import { createChatTransport } from '@holdfast/client';
import { createDevtools } from '@holdfast/client/devtools';
import { createContext, type ReactNode, use, useEffect, useState } from 'react';
import { type Attachments, createAttachments } from '../lib/attachments.ts';
import { provideClipboard } from '../lib/clipboard.ts';
import { createDrafts, type Drafts } from '../lib/drafts.ts';
import { createNetwork, type Network } from '../lib/network.ts';
import type { LogKind } from '../lib/proof.ts';
import type { ChatMessage } from '../lib/tools.ts';
import type { Visitor } from '../lib/visitor.ts';

type Transport = ReturnType<typeof createChatTransport<ChatMessage>>;

export interface Connected {
  readonly transport: Transport;
  readonly network: Network;
  readonly drafts: Drafts;
  readonly attachments: Attachments;
  /** Shows what goes over the wire, in development; returns what takes it away. */
  readonly show: () => () => void;
  /** Who this browser is to others. */
  readonly visitor: Visitor;
  /** Where other devices find this server; null where they do not, as far as it knows. */
  readonly sharedAddress: string | null;
  /** Where the server keeps its sessions. */
  readonly log: LogKind;
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
  /** @default 'memory' */
  readonly log?: LogKind;
}

/** A network of its own, and a transport over it. */
export function connect(settings: Settings): Connected {
  const { url, visitor, isOperator = false, sharedAddress = null, log = 'memory' } = settings;
  const network = createNetwork();
  // An empty one but in development.
  const devtools = createDevtools({ WebSocket: network.WebSocket, fetch: network.fetch });
  const transport = createChatTransport<ChatMessage>({
    api: '/api/chat',
    url,
    ...devtools.network,
    ...(isOperator && { headers: { 'x-demo-operator': 'yes' }, token: 'operator' }),
    // What could not be sent is sent by the next page of the same visitor.
    outbox: {
      storage: typeof window === 'undefined' ? undefined : window.localStorage,
      owner: visitor.id,
    },
  });
  const drafts = createDrafts(() => window.sessionStorage);
  const attachments = createAttachments();
  const show = () => devtools.show(transport);
  return { network, drafts, attachments, visitor, isOperator, sharedAddress, log, transport, show };
}

/** One transport for the whole page, so that its chats share a socket. */
export function TransportProvider(props: Settings & { readonly children: ReactNode }) {
  const { children, ...settings } = props;
  const [connected] = useState((): Connected => {
    provideClipboard();
    return connect(settings);
  });
  useEffect(
    () => (process.env.NODE_ENV === 'development' ? connected.show() : undefined),
    [connected],
  );
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
