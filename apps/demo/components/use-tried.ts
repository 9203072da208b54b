'use client';

import { useEffect, useRef, useSyncExternalStore } from 'react';
import type { Link } from '../lib/link.ts';
import type { RunNow } from '../lib/run-now.ts';
import { type Tried, tried } from '../lib/tried.ts';
import { type Doing, doneBetween } from '../lib/verbs.ts';

export const useTried = (): Tried =>
  useSyncExternalStore(tried.subscribe, tried.getSnapshot, tried.getServerSnapshot);

/** Notes what is tried in a chat. */
export function useNotedTries(link: Link, run: RunNow, isSynced: boolean): void {
  const before = useRef<Doing | null>(null);
  const wasSynced = useRef(false);
  useEffect(() => {
    const now = { link, run, isBack: isSynced && !wasSynced.current && wasReloaded() };
    const verb = doneBetween(before.current, now);
    before.current = now;
    wasSynced.current ||= isSynced;
    if (verb) tried.mark(verb);
  }, [link, run, isSynced]);
}

const wasReloaded = (): boolean => {
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return entry?.type === 'reload';
};
