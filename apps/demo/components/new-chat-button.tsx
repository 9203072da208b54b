'use client';

import { useRouter } from 'next/navigation';
import { newSessionId } from '../lib/session-id.ts';
import { PlusIcon } from './icons.tsx';

/** No link, because a link's address would be fetched ahead and then be the same for every click. */
export function NewChatButton({ className = 'w-full' }: { readonly className?: string }) {
  const router = useRouter();
  return (
    <button
      type="button"
      onClick={() => router.push(`/chat/${newSessionId()}`)}
      className={`inline-flex items-center gap-2 rounded-lg border bg-card px-3 py-2 font-medium text-sm transition-colors hover:bg-muted ${className}`}
    >
      <PlusIcon />
      New chat
    </button>
  );
}
