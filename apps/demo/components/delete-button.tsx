'use client';

import { useRouter } from 'next/navigation';
import { useRef, useState } from 'react';
import { recentChats } from '../lib/recent-chats.ts';
import { newSessionId } from '../lib/session-id.ts';
import { IconButton } from './icon-button.tsx';
import { TrashIcon } from './icons.tsx';
import { useConnected } from './transport-provider.tsx';

type Deleting =
  | { readonly state: 'asking' | 'deleting' }
  | { readonly state: 'failed'; readonly words: string };

/** Erases the chat for everybody: from the log, and from every page that shows it. It asks first. */
export function DeleteButton({ id }: { readonly id: string }) {
  const router = useRouter();
  const { network, drafts } = useConnected();
  const dialog = useRef<HTMLDialogElement>(null);
  const [deleting, setDeleting] = useState<Deleting>({ state: 'asking' });
  const ask = () => {
    setDeleting({ state: 'asking' });
    dialog.current?.showModal();
  };
  const erase = async () => {
    setDeleting({ state: 'deleting' });
    const words = await failureOf(() => network.fetch(`/api/chat/${id}`, { method: 'DELETE' }));
    if (words !== null) {
      setDeleting({ state: 'failed', words });
      return;
    }
    dialog.current?.close();
    recentChats.forget(id);
    drafts.forget(id);
    router.push(`/chat/${newSessionId()}`);
  };
  return (
    <>
      <IconButton label="Delete this chat" onClick={ask}>
        <TrashIcon />
      </IconButton>
      <dialog
        ref={dialog}
        aria-labelledby="delete-title"
        className="m-auto w-[calc(100%-2rem)] max-w-sm rounded-2xl border bg-card p-5 text-foreground shadow-xl backdrop:bg-black/40"
      >
        <h2 id="delete-title" className="font-semibold text-lg">
          Delete this chat?
        </h2>
        <p className="mt-2 text-muted-foreground text-sm">
          It is deleted for everybody who has its address, with all of its messages. An answer that
          is being written is stopped. This cannot be undone.
        </p>
        {deleting.state === 'failed' && (
          <p
            role="alert"
            className="mt-3 rounded-lg bg-danger-surface px-3 py-2 text-danger text-sm"
          >
            It is not deleted: {deleting.words}
          </p>
        )}
        <div className="mt-4 flex justify-end gap-2 text-sm">
          <button
            type="button"
            onClick={() => dialog.current?.close()}
            className="rounded-lg border px-4 py-2 font-medium"
          >
            Keep it
          </button>
          <button
            type="button"
            disabled={deleting.state === 'deleting'}
            onClick={() => void erase()}
            className="rounded-lg bg-danger px-4 py-2 font-medium text-background disabled:opacity-50"
          >
            {labels[deleting.state]}
          </button>
        </div>
      </dialog>
    </>
  );
}

const labels: { readonly [S in Deleting['state']]: string } = {
  asking: 'Delete',
  deleting: 'Deleting…',
  failed: 'Try again',
};

/** Why it was not done, in words; null when it was. */
async function failureOf(act: () => Promise<Response>): Promise<string | null> {
  try {
    const response = await act();
    if (response.ok) return null;
    const body = (await response.json().catch(() => null)) as {
      readonly error?: { readonly message?: unknown };
    } | null;
    const words = body?.error?.message;
    return typeof words === 'string' ? words : `the server answered ${response.status}.`;
  } catch {
    return 'the server could not be reached.';
  }
}
