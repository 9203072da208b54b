'use client';

import { useSyncExternalStore } from 'react';
import { useConnected } from './transport-provider.tsx';

/** Breaks this page's socket and refuses it and the chat's requests until it is flipped back. */
export function NetworkSwitch() {
  const { network } = useConnected();
  const cut = useSyncExternalStore(network.subscribe, network.isCut, () => false);
  return (
    <button
      type="button"
      role="switch"
      aria-checked={cut}
      title="Breaks this page's socket and blocks its requests until you flip it back. The answer is written on meanwhile, and nothing of it is missing afterwards."
      onClick={() => network.setCut(!cut)}
      className={`inline-flex items-center gap-2 whitespace-nowrap rounded-full border px-2.5 py-1 text-xs transition-colors ${cut ? 'border-warning bg-warning-surface text-warning' : 'bg-card text-muted-foreground hover:text-foreground'}`}
    >
      <span
        aria-hidden="true"
        className={`relative h-3.5 w-6 rounded-full transition-colors forced-color-adjust-none forced-colors:border forced-colors:border-[ButtonText] ${cut ? 'bg-warning forced-colors:bg-[Highlight]' : 'bg-muted-foreground/60 forced-colors:bg-[Canvas]'}`}
      >
        <span
          className={`absolute top-0.5 left-0.5 size-2.5 rounded-full bg-background transition-transform forced-colors:top-px forced-colors:left-px ${cut ? 'translate-x-2.5 forced-colors:bg-[HighlightText]' : 'forced-colors:bg-[ButtonText]'}`}
        />
      </span>
      Cut the network
    </button>
  );
}
