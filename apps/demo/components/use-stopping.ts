'use client';

import type { SessionHelpers } from '@holdfast/client/react';
import { useState } from 'react';

/** A stop that was asked for here. */
interface Press {
  /** The runs that were live then. */
  readonly runs: readonly string[];
  readonly isUnderWay: boolean;
}

/** Stops what is live, and tells until all of that has ended: an agent may take a while to. */
export function useStopping({ runs, stop }: Pick<SessionHelpers, 'runs' | 'stop'>): {
  readonly isStopping: boolean;
  /** Rejects as the session's own. */
  readonly stopAll: () => Promise<void>;
} {
  const [press, setPress] = useState<Press | null>(null);
  const live = runs.filter(({ state }) => state === 'running').map(({ run }) => run);
  const isStopping =
    press !== null && (press.isUnderWay || live.some((run) => press.runs.includes(run)));
  const stopAll = async () => {
    setPress({ runs: live, isUnderWay: true });
    try {
      await stop();
      setPress({ runs: live, isUnderWay: false });
    } catch (error) {
      setPress(null);
      throw error;
    }
  };
  return { isStopping, stopAll };
}
