import { type Chunk, HoldfastError, isRecord } from '@holdfast/protocol';
import { answeredKey, callsOf } from '@holdfast/protocol/projection';

/**
 * The answers that settle a call which stands open in a message (HF-HTTP-3). Those for calls that
 * are settled already are left out: the first answer stands. Rejects chunks of other kinds, and
 * answers to calls that the message does not have, with `bad_request`.
 */
export function openAnswers(chunks: readonly Chunk[], answers: readonly unknown[]): Chunk[] {
  const { all, open, barred } = callsOf(chunks);
  const left = new Set(open);
  const accepted: Chunk[] = [];
  for (const answer of answers) {
    const cleaned = clean(answer);
    const key = answeredKey(cleaned);
    if (!all.has(key))
      throw new HoldfastError(
        'bad_request',
        'unable to accept an answer: the message has no such tool call or approval request',
      );
    if (barred.has(key))
      throw new HoldfastError(
        'bad_request',
        'unable to accept an answer: the call waits for an approval, and nobody has given it',
      );
    // Deleting also drops a second answer to the same call in one request.
    if (left.delete(key)) accepted.push(cleaned);
  }
  return accepted;
}

/** Only the members that an answer has are let in. */
function clean(answer: unknown): Chunk {
  if (isRecord(answer)) {
    const { type, toolCallId, output, errorText, approvalId, approved, reason } = answer;
    if (type === 'tool-output-available' && typeof toolCallId === 'string')
      return { type, toolCallId, output: output ?? null };
    if (
      type === 'tool-output-error' &&
      typeof toolCallId === 'string' &&
      typeof errorText === 'string'
    )
      return { type, toolCallId, errorText };
    if (
      type === 'tool-approval-response' &&
      typeof approvalId === 'string' &&
      typeof approved === 'boolean'
    )
      return { type, approvalId, approved, ...(typeof reason === 'string' ? { reason } : {}) };
  }
  throw new HoldfastError(
    'bad_request',
    'unable to accept an answer: it is none of tool-output-available, tool-output-error, tool-approval-response',
  );
}
