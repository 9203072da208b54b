import type { Handed } from './use-handed.ts';

/** Messages that the server has, while this page is not told what becomes of them. */
export function HandedOver({ messages }: { readonly messages: readonly Handed[] }) {
  if (messages.length === 0) return null;
  return (
    <ol aria-label="Sent, and not heard of yet" className="space-y-1">
      {messages.map(({ id, text }) => (
        <li
          key={id}
          className="flex items-center gap-2 rounded-xl border border-dashed px-3 py-2 text-muted-foreground text-sm"
        >
          <span className="text-primary text-xs">Sent</span>
          <span dir="auto" data-testid="handed-text" className="min-w-0 flex-1 truncate">
            {text}
          </span>
        </li>
      ))}
    </ol>
  );
}
