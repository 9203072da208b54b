'use client';

import { Toaster } from 'sonner';
import { useLeftDeletions } from './use-deletion.tsx';

/** Messages that go away by themselves. They stand below the header, where they hide neither the prompt nor the end. */
export function Toasts() {
  useLeftDeletions();
  return (
    <Toaster
      position="top-center"
      offset={64}
      mobileOffset={{ top: 'calc(64px + env(safe-area-inset-top))', left: 0, right: 0 }}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            'flex w-full items-center gap-3 rounded-xl border bg-card px-4 py-3 text-foreground text-sm shadow-lg',
          content: 'min-w-0 flex-1',
          title: 'wrap-anywhere',
          actionButton: 'shrink-0 rounded-lg border px-3 py-1.5 font-medium hover:bg-muted',
        },
      }}
    />
  );
}
