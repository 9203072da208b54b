import type { Chunk } from '@holdfast/protocol';
import type { SessionProjection } from '@holdfast/protocol/projection';
import type { Draft } from './draft.ts';

const isApproval = ({ type }: Chunk): boolean => type === 'tool-approval-response';

/**
 * True when a message has gone on so often, by outputs of client tools alone, that the next time is one too many
 * (HF-HTTP-31). An approval is a person's word, and begins the count anew.
 */
export function goesRound(
  projection: SessionProjection,
  { continues, answers }: Pick<Draft, 'continues' | 'answers'>,
  most: number,
): boolean {
  const item = continues === undefined ? undefined : projection.item(continues);
  if (item?.kind !== 'assistant' || answers.some(isApproval)) return false;
  const runs = new Set<string>();
  for (const { run, fold } of item.segments.toReversed()) {
    if (run !== null) runs.add(run);
    else if (fold.chunks.some(isApproval)) break;
  }
  return runs.size > most;
}
