import { isRecord } from '@holdfast/protocol';
import {
  chunksOfItem,
  type ProjectedItem,
  type SessionProjection,
} from '@holdfast/protocol/projection';

/** The agent that wrote a message last, where that is known. */
export function agentOf(projection: SessionProjection, messageId: string): string | undefined {
  const item = projection.item(messageId);
  if (!item) return undefined;
  return projection.runsOf(messageId).at(-1)?.agent ?? agentOfStored(item);
}

/** Of one whose runs are not known any more; what the session began with says it itself, in its metadata. */
function agentOfStored(item: ProjectedItem): string | undefined {
  const { by } = item;
  if (by) return by.role === 'agent' ? by.id : undefined;
  const metadata =
    item.kind === 'message'
      ? item.message.metadata
      : chunksOfItem(item).find(({ type }) => type === 'start')?.messageMetadata;
  const { agent } = (isRecord(metadata) ? metadata : {}) as { readonly agent?: unknown };
  return typeof agent === 'string' ? agent : undefined;
}
