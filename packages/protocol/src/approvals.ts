import type { Chunk, Message } from './entries.ts';
import { isRecord } from './json.ts';

/**
 * The message with the responses to its approval requests. The reducer of `ai` 7 has put them in; that
 * of `ai` 6 does not know the chunk, because there a response only ever stood in the messages that a
 * client sent.
 */
export function withResponses<M extends Pick<Message, 'parts'>>(
  message: M,
  chunks: Iterable<Chunk>,
): M {
  const responses = new Map<unknown, Chunk>();
  for (const chunk of chunks)
    if (chunk.type === 'tool-approval-response' && !responses.has(chunk.approvalId))
      responses.set(chunk.approvalId, chunk);
  if (responses.size === 0) return message;
  let isChanged = false;
  const parts = message.parts.map((part) => {
    const approval = isRecord(part) && part.approval;
    if (!isRecord(part) || !isRecord(approval) || approval.approved !== undefined) return part;
    const response = responses.get(approval.id);
    if (!response) return part;
    isChanged = true;
    const { approved, reason } = response;
    const state = part.state === 'approval-requested' ? 'approval-responded' : part.state;
    const given = { ...approval, approved, ...(reason === undefined ? {} : { reason }) };
    return { ...part, state, approval: given };
  });
  return isChanged ? { ...message, parts } : message;
}
