'use client';

import type { ConnectionStatus } from '@holdfast/client';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { type Link, linkOf } from '../lib/link.ts';
import { useConnected } from './transport-provider.tsx';

/** How this page stands to the server. */
export function useLink(connection: ConnectionStatus, isStuck: boolean): Link {
  const { network } = useConnected();
  const isCut = useSyncExternalStore(network.subscribe, network.isCut, () => false);
  const [wasOnline, setWasOnline] = useState(false);
  useEffect(() => {
    if (connection === 'online') setWasOnline(true);
  }, [connection]);
  return linkOf({ connection, isCut, wasOnline, isStuck });
}
