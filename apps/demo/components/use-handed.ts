'use client';

import { useCallback, useEffect, useState } from 'react';

export interface Handed {
  readonly id: string;
  readonly text: string;
}

/**
 * Messages that the server has taken for later, and that no socket tells of yet: without one the page has
 * nothing else to show them by. Forgotten once all is told again.
 */
export function useHanded(isTold: boolean): {
  readonly handed: readonly Handed[];
  readonly hand: (message: Handed) => void;
} {
  const [handed, setHanded] = useState<readonly Handed[]>([]);
  const hand = useCallback((message: Handed) => setHanded((all) => [...all, message]), []);
  const isStale = isTold && handed.length > 0;
  useEffect(() => {
    if (isStale) setHanded([]);
  }, [isStale]);
  return { handed: isTold ? [] : handed, hand };
}
