'use client';

import { HoldfastError } from '@holdfast/client';
import { useEffect, useState } from 'react';

/** After this long without any news one should be told, in ms. */
const silentMs = 4_000;
/** How often the server is asked meanwhile, and how long it may take, in ms. */
const askMs = 3_000;
const patienceMs = 5_000;

export interface Health {
  /** Nothing new has come for a while, although something is expected. */
  readonly isSilent: boolean;
  /** The server was asked meanwhile, and could not tell. */
  readonly isStuck: boolean;
}

const well: Health = { isSilent: false, isStuck: false };

/**
 * Notices that what is expected does not come, and then asks the server about it: an open socket says
 * nothing of what stands behind it. `signs` are what changes when anything comes.
 */
export function useHealth(
  isExpecting: boolean,
  ask: () => Promise<unknown>,
  signs: readonly unknown[],
): Health {
  const [health, setHealth] = useState(well);
  useEffect(() => {
    setHealth(well);
    if (!isExpecting) return;
    let timer: ReturnType<typeof setTimeout>;
    let isOver = false;
    const look = async () => {
      setHealth(({ isStuck }) => ({ isSilent: true, isStuck }));
      const isStuck = await isUnable(ask);
      if (isOver) return;
      setHealth({ isSilent: true, isStuck });
      timer = setTimeout(look, askMs);
    };
    timer = setTimeout(look, silentMs);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [isExpecting, ...signs]);
  return health;
}

/** Whether the server cannot tell. A refusal is an answer. */
async function isUnable(ask: () => Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(true), patienceMs);
  });
  const asking = ask().then(
    () => false,
    (error: unknown) => !HoldfastError.is(error) || error.code === 'unavailable',
  );
  try {
    return await Promise.race([asking, late]);
  } finally {
    clearTimeout(timer);
  }
}
