import type { Handed } from './use-handed.ts';
import { WaitingRow } from './waiting-row.tsx';

/** Messages that the server has, while this page is not told what becomes of them. */
export function HandedOver({ messages }: { readonly messages: readonly Handed[] }) {
  if (messages.length === 0) return null;
  return (
    <ol aria-label="Sent, and not heard of yet" className="space-y-1">
      {messages.map(({ id, text }) => (
        <WaitingRow key={id} state="sent" testId="handed" text={text} />
      ))}
    </ol>
  );
}
