'use client';

import { useState } from 'react';

interface Props {
  /** What it loads. */
  readonly label: string;
  /** Whether it is being loaded for somebody else. */
  readonly busy?: boolean;
  readonly onLoad: () => Promise<unknown>;
}

/** Loads what is not here, and says when that failed. */
export function LoadButton({ label, busy = false, onLoad }: Props) {
  const [state, setState] = useState<'idle' | 'loading' | 'failed'>('idle');
  const load = () => {
    setState('loading');
    onLoad().then(
      () => setState('idle'),
      () => setState('failed'),
    );
  };
  const isLoading = busy || state === 'loading';
  return (
    <button
      type="button"
      disabled={isLoading}
      onClick={load}
      className="mx-auto mb-6 block rounded-full border bg-card px-4 py-1.5 text-muted-foreground text-sm hover:text-foreground disabled:opacity-50"
    >
      {isLoading ? 'Loading…' : state === 'failed' ? 'Could not be loaded. Try again' : label}
    </button>
  );
}
