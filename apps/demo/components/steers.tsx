'use client';

import type { Steer } from '@holdfast/client';
import type { ChatMessage } from '../lib/tools.ts';
import { FoldedText } from './folded-text.tsx';
import { WaitingRow } from './waiting-row.tsx';

interface Part {
  readonly type: string;
}

/** The text of a message's parts. */
export const words = (parts: readonly unknown[]): string =>
  parts.map((part) => (part as { readonly text?: string }).text ?? '').join('');

/** What somebody told the model while it worked, in its place in the answer. */
export function SteeringPart({
  part,
}: {
  readonly part: Extract<ChatMessage['parts'][number], { type: 'steering-message' }>;
}) {
  return (
    <div
      dir="auto"
      data-testid="steered"
      className="wrap-anywhere ms-auto w-fit max-w-[85%] whitespace-pre-wrap rounded-2xl rounded-ee-md bg-accent px-4 py-2.5 text-accent-foreground text-sm"
    >
      <FoldedText text={words(part.parts satisfies readonly Part[])} />
    </div>
  );
}

/** Messages that wait for the model's next step; every client sees them. */
export function WaitingSteers({ steers }: { readonly steers: readonly Steer[] }) {
  if (steers.length === 0) return null;
  return (
    <ul aria-label="Waiting for the next step" className="space-y-1">
      {steers.map(({ id, message }) => (
        <WaitingRow key={id} state="told" testId="steer" text={words(message.parts)} />
      ))}
    </ul>
  );
}
