import type { Chunk } from '@holdfast/protocol';
import {
  callKey,
  callsOf,
  chunksOfItem,
  type SessionProjection,
} from '@holdfast/protocol/projection';

/** What settles the calls of one message. */
export interface Settlement {
  readonly messageId: string;
  readonly chunks: readonly Chunk[];
}

const errorText = 'Not answered before the conversation went on.';

/**
 * Settles every call and approval that nobody will answer any more because the conversation goes on
 * (HF-RUN-9): a provider refuses a prompt with a call that has no result. Messages that are cut off or
 * still written are left alone.
 */
export function settlementsOf(
  projection: SessionProjection,
  cut: ReadonlySet<string>,
): readonly Settlement[] {
  const live = new Set(projection.liveRuns.map(({ messageId }) => messageId));
  return [...projection.items].flatMap((item) => {
    if (item.kind !== 'assistant' || cut.has(item.id) || live.has(item.id)) return [];
    const settling = settlingOf(chunksOfItem(item));
    return settling.length === 0 ? [] : [{ messageId: item.id, chunks: settling }];
  });
}

function settlingOf(chunks: readonly Chunk[]): readonly Chunk[] {
  const { open } = callsOf(chunks);
  if (open.size === 0) return [];
  const unapproved = new Set(
    chunks
      .filter(
        ({ type, approvalId }) =>
          type === 'tool-approval-request' && open.has(callKey('approval', approvalId)),
      )
      .map(({ toolCallId }) => toolCallId),
  );
  const calls = new Set(chunks.map(({ toolCallId }) => toolCallId));
  return [...calls].flatMap((toolCallId): readonly Chunk[] => {
    if (!open.has(callKey('call', toolCallId))) return [];
    return unapproved.has(toolCallId)
      ? [{ type: 'tool-output-denied', toolCallId }]
      : [{ type: 'tool-output-error', toolCallId, errorText }];
  });
}
