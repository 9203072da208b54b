import type { Chunk } from '@holdfast/protocol';
import { callsOf, chunksOfItem } from '@holdfast/protocol/projection';
import { callEnds } from '../../session/call-ends.ts';
import type { SessionView } from '../../session/view.ts';

/** The settlement of the calls of one message. */
export interface Settlement {
  readonly messageId: string;
  readonly chunks: readonly Chunk[];
}

export const unansweredText = 'Not answered before the conversation went on.';

/** The open calls that a send finds which does not continue a message. */
export interface Dangling {
  readonly settlements: readonly Settlement[];
  /** True when calls are left alone of a run that is live and that nobody has asked to stop. */
  readonly isUnderWay: boolean;
}

/**
 * Settles every call and approval that nobody will answer any more because the conversation goes on
 * (HF-RUN-7): a provider refuses a prompt with a call that has no result. Messages that are cut off are left
 * alone, and those that are still written, unless their runs were all asked to stop: an agent need not heed that.
 */
export function danglingIn(view: SessionView, cut: ReadonlySet<string>): Dangling {
  const { projection } = view;
  const live = new Set(
    projection.liveRuns
      .filter(({ run }) => !view.isStopping(run))
      .map(({ messageId }) => messageId),
  );
  const settlements = [...projection.items].flatMap((item) => {
    if (item.kind !== 'assistant' || cut.has(item.id)) return [];
    const chunks = chunksOfItem(item);
    const settling = callEnds(chunks, callsOf(chunks).open, unansweredText);
    return settling.length === 0 ? [] : [{ messageId: item.id, chunks: settling }];
  });
  const over = settlements.filter(({ messageId }) => !live.has(messageId));
  return { settlements: over, isUnderWay: over.length < settlements.length };
}
