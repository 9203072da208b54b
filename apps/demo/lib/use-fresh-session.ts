'use client';

import { useEffect, useState } from 'react';
import type { LoadedSession } from './session-of-snapshot.ts';

/** Pages that the router has shown before; it shows the same ones again on "back". */
const shown = new WeakSet<LoadedSession>();

/**
 * The session for a first render. When the router brings back an old page, the history in it is as
 * old, so it is loaded again; null until that is done.
 */
export function useFreshSession(
  loaded: LoadedSession,
  load: () => Promise<LoadedSession>,
): LoadedSession | null {
  const [session, setSession] = useState(() => (shown.has(loaded) ? null : loaded));
  const stale = session === null;
  useEffect(() => {
    shown.add(loaded);
    if (!stale) return;
    let current = true;
    void load()
      // What was shown before is better than nothing.
      .catch(() => loaded)
      .then((fresh) => {
        if (current) setSession(fresh);
      });
    return () => {
      current = false;
    };
  }, [loaded, load, stale]);
  return session;
}
