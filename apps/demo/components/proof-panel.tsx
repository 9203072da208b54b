'use client';

import type { SessionHelpers } from '@holdfast/client/react';
import { type RefObject, useSyncExternalStore } from 'react';
import type { Link } from '../lib/link.ts';
import { proofOf } from '../lib/proof.ts';
import { useConnected } from './transport-provider.tsx';
import { useCaughtUp } from './use-caught-up.ts';

interface Props {
  readonly ref: RefObject<HTMLElement | null>;
  readonly id: string;
  readonly session: SessionHelpers;
  readonly link: Link;
  /** The newest answer. */
  readonly text: string;
}

/** What is behind the page, while one goes on using it. */
export function ProofPanel({ ref, id, session, link, text }: Props) {
  const { transport, log } = useConnected();
  const view = transport.session(id);
  const position = useSyncExternalStore(
    view.subscribe,
    () => view.position,
    () => null,
  );
  const { caughtUp } = useCaughtUp(text, link, session.isSynced);
  const { carrier, carrierReason, participants } = session;
  const facts = { log, position, carrier, carrierReason, participants: participants.length };
  return (
    <aside
      ref={ref}
      popover="manual"
      aria-label="How it is done"
      data-testid="proof"
      className="top-[calc(3.5rem+env(safe-area-inset-top))] end-3 start-auto m-0 w-80 max-w-[calc(100vw-1.5rem)] rounded-2xl border bg-card p-4 text-foreground text-sm shadow-xl"
    >
      <dl className="space-y-2">
        {proofOf({ ...facts, caughtUp }).map(([name, words]) => (
          <div key={name} className="flex gap-3">
            <dt className="w-20 shrink-0 text-muted-foreground">{name}</dt>
            <dd className="wrap-anywhere min-w-0 flex-1 tabular-nums" data-proof={name}>
              {words}
            </dd>
          </div>
        ))}
      </dl>
      <p className="mt-3 flex items-center gap-2 text-muted-foreground text-xs">
        <span className="flex-1">
          The wire itself is shown by <code>npm run demo -- --dev</code>.
        </span>
        <button
          type="button"
          onClick={() => ref.current?.hidePopover()}
          className="rounded-lg border px-3 py-1.5 font-medium text-foreground"
        >
          Close
        </button>
      </p>
    </aside>
  );
}
