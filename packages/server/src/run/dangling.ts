import type { Chunk } from '@holdfast/protocol';
import { callsOf, chunksOfItem, type SessionProjection } from '@holdfast/protocol/projection';
import { callEnds } from './call-ends.ts';

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
    const chunks = chunksOfItem(item);
    const settling = callEnds(chunks, callsOf(chunks).open, errorText);
    return settling.length === 0 ? [] : [{ messageId: item.id, chunks: settling }];
  });
}
