'use client';

import Link from 'next/link';
import { useSyncExternalStore } from 'react';
import { originForOthers } from '../../lib/origin-for-others.ts';
import { CopyButton } from '../copy-button.tsx';
import { QrCode } from '../qr-code.tsx';
import { useConnected } from '../transport-provider.tsx';

interface Props {
  readonly session: string;
  /** Whether the play has come to its end. */
  readonly isOver: boolean;
  readonly onAgain: () => void;
}

const never = () => () => {};

/** The same with a real phone: always there, so that nothing moves, and set off when the play is over. */
export function EndCard({ session, isOver, onAgain }: Props) {
  const { sharedAddress } = useConnected();
  const origin = useSyncExternalStore(
    never,
    () => originForOthers(sharedAddress),
    () => null,
  );
  const address = origin === null ? null : `${origin}/chat/${session}`;
  return (
    <section
      aria-labelledby="now-you"
      data-testid="end-card"
      data-over={isOver}
      className={`flex flex-wrap items-center gap-x-6 gap-y-3 rounded-2xl border p-4 transition-colors ${isOver ? 'border-primary bg-accent text-accent-foreground' : 'bg-card'}`}
    >
      <div className="min-w-0 flex-1 basis-64 space-y-2 text-sm">
        <h2 id="now-you" className="font-semibold text-lg">
          Now you do it
        </h2>
        {address ? (
          <p className="flex flex-wrap items-center gap-x-2">
            <span>Open this session on a real phone:</span>
            <span data-testid="address" className="wrap-anywhere font-mono text-xs">
              {address}
            </span>
            <CopyButton text={address} />
          </p>
        ) : (
          <p className="flex flex-wrap items-center gap-x-2">
            <span>With a real phone in your network, start it with</span>
            <code className="rounded bg-muted px-1.5 py-0.5 text-foreground text-xs">
              {command}
            </code>
            <CopyButton text={command} />
          </p>
        )}
        <div className="flex flex-wrap gap-2">
          <Link
            href={`/chat/${session}`}
            className="rounded-lg bg-primary px-4 py-2 font-medium text-primary-foreground"
          >
            Open this chat
          </Link>
          <button
            type="button"
            onClick={onAgain}
            className="rounded-lg border bg-card px-4 py-2 font-medium text-foreground"
          >
            Play it again
          </button>
        </div>
      </div>
      {address && (
        <div className="w-32">
          <QrCode
            text={address}
            label="A code for the camera of your phone: the address beside it"
          />
        </div>
      )}
    </section>
  );
}

const command = 'npm run demo -- --lan';
