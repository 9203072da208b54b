import type { Chunk } from '@holdfast/protocol';
import { callKey } from '@holdfast/protocol/projection';

/**
 * Chunks that settle the open calls among these: as denied where an approval was asked for
 * and not given, and else as an error.
 */
export function callEnds(
  chunks: readonly Chunk[],
  open: ReadonlySet<string>,
  errorText: string,
): readonly Chunk[] {
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
