'use client';

import { useCallback } from 'react';
import { type LoadedSession, sessionOf } from '../lib/session-of-snapshot.ts';
import { useFreshSession } from '../lib/use-fresh-session.ts';
import { Waiting } from './assistant-message.tsx';
import { OpenChat } from './open-chat.tsx';
import { useConnected } from './transport-provider.tsx';

interface Props {
  readonly id: string;
  readonly loaded: LoadedSession;
}

export function Chat({ id, loaded }: Props) {
  const { transport } = useConnected();
  const load = useCallback(async () => sessionOf(await transport.snapshot(id)), [transport, id]);
  const session = useFreshSession(loaded, load);
  if (session) return <OpenChat id={id} loaded={session} load={load} />;
  return (
    <main className="flex flex-1 items-center justify-center" aria-busy="true">
      <Waiting />
    </main>
  );
}
