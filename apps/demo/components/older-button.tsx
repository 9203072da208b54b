'use client';

import { useState } from 'react';

interface Props {
  readonly busy: boolean;
  readonly onClick: () => Promise<unknown>;
}

export function OlderButton({ busy, onClick }: Props) {
  const [failed, setFailed] = useState(false);
  const load = () => {
    setFailed(false);
    onClick().catch(() => setFailed(true));
  };
  return (
    <button
      type="button"
      disabled={busy}
      onClick={load}
      className="mx-auto mb-6 rounded-full border bg-card px-4 py-1.5 text-muted-foreground text-sm hover:text-foreground disabled:opacity-50"
    >
      {busy ? 'Loading…' : failed ? 'Could not be loaded. Try again' : 'Show older messages'}
    </button>
  );
}
