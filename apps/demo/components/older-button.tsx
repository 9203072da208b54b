'use client';

import type { SessionHelpers } from '@holdfast/client/react';
import { LoadButton } from './load-button.tsx';

interface Props {
  readonly session: Pick<SessionHelpers, 'hasOlder' | 'isLoadingOlder' | 'loadOlder'>;
}

export function OlderButton({ session: { hasOlder, isLoadingOlder, loadOlder } }: Props) {
  if (!hasOlder) return null;
  return (
    <LoadButton label="Show older messages" busy={isLoadingOlder} onLoad={() => loadOlder()} />
  );
}
