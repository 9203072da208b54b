'use client';

import { useSyncExternalStore } from 'react';
import { Switch } from './switch.tsx';
import { useConnected } from './transport-provider.tsx';

/** Breaks this page's socket and refuses it and the chat's requests until it is flipped back. */
export function NetworkSwitch() {
  const { network } = useConnected();
  const cut = useSyncExternalStore(network.subscribe, network.isCut, () => false);
  return (
    <Switch
      isOn={cut}
      title="Breaks this page's socket and blocks its requests until you flip it back. The answer is written on meanwhile, and nothing of it is missing afterwards."
      onFlip={() => network.setCut(!cut)}
    >
      <span>
        Cut<span className="@max-2xl:sr-only"> the network</span>
      </span>
    </Switch>
  );
}
