import type { SessionProjection } from '@holdfast/protocol/projection';

/** The agent that wrote a message last, where that is known. */
export function agentOf(projection: SessionProjection, messageId: string): string | undefined {
  const item = projection.item(messageId);
  if (!item) return undefined;
  const { by } = item;
  // Of one whose runs are not known any more, its writer is.
  return projection.runsOf(messageId).at(-1)?.agent ?? (by?.role === 'agent' ? by.id : undefined);
}
