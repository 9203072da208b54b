'use client';

import Link from 'next/link';
import { useState, useSyncExternalStore } from 'react';
import { newSessionId } from '../../lib/session-id.ts';
import { nothing } from '../../lib/split/stage.ts';
import type { DeviceView } from '../../lib/split/view.ts';
import type { Visitor } from '../../lib/visitor.ts';
import { AnchorIcon } from '../icons.tsx';
import { Play } from './play.tsx';
import { Scene } from './scene.tsx';
import { Stills } from './stills.tsx';

interface Props {
  readonly session: string;
  /** Where the gateway is. */
  readonly url: string;
  readonly visitor: Visitor;
}

export function Split({ session: first, url, visitor }: Props) {
  const [session, setSession] = useState(first);
  const wantsNoMotion = useReducedMotion();
  const [isAsked, setAsked] = useState(false);
  const again = () => {
    setAsked(true);
    setSession(newSessionId());
  };
  return (
    <main className="flex-1 overflow-y-auto">
      <div className="mx-auto max-w-5xl space-y-3 px-4 py-4">
        <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <AnchorIcon className="size-6 text-primary" />
          <h1 className="font-semibold text-xl tracking-tight">Two devices, one session</h1>
          <Link href="/" className="ml-auto text-primary text-sm underline underline-offset-2">
            To the chat
          </Link>
        </header>
        {wantsNoMotion === null && <Scene view={empty} />}
        {wantsNoMotion && !isAsked && <Stills onPlay={again} />}
        {(wantsNoMotion === false || isAsked) && (
          <Play key={session} session={session} url={url} visitor={visitor} onAgain={again} />
        )}
      </div>
    </main>
  );
}

const blank: DeviceView = { ...nothing.view, isLoading: false, entry: null };
const empty = {
  laptop: blank,
  phone: blank,
  log: { text: '', entries: 0, isModelOn: false },
};

const query = '(prefers-reduced-motion: reduce)';

const subscribe = (listener: () => void): (() => void) => {
  const media = window.matchMedia(query);
  media.addEventListener('change', listener);
  return () => media.removeEventListener('change', listener);
};

/** Null where that is not known yet: on the server. */
const useReducedMotion = (): boolean | null =>
  useSyncExternalStore<boolean | null>(
    subscribe,
    () => window.matchMedia(query).matches,
    () => null,
  );
