import { type Chunk, HoldfastError, isRecord } from '@holdfast/protocol';
import {
  type AssistantItem,
  answeredKey,
  callsOf,
  chunksOfItem,
  type SessionProjection,
} from '@holdfast/protocol/projection';
import type { IsClientTool } from '../contract/client-tools.ts';
import { type Answerability, answerability } from './client-tools.ts';

/**
 * The answers that settle a call which stands open in a message (HF-HTTP-28). Those for calls that
 * are settled already are left out: the first answer stands. Rejects with `bad_request` chunks of other
 * kinds, answers to calls that the message does not have, and outputs that are not a client's to give; and
 * with `busy` those that may be given once the run has ended (HF-HTTP-30).
 */
export function openAnswers(
  projection: SessionProjection,
  item: AssistantItem,
  answers: readonly unknown[],
  isClientTool: IsClientTool | null,
): Chunk[] {
  const { all, open, asked } = callsOf(chunksOfItem(item));
  const mayAnswer = answerability(projection, item, isClientTool);
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
    if (open.has(key) && asked.has(key))
      throw new HoldfastError(
        'bad_request',
        'unable to accept an answer: the call needs an approval, and only the run that goes on with that says what it gave',
      );
    if (open.has(key) && cleaned.type !== 'tool-approval-response') check(mayAnswer(key));
    // Deleting also drops a second answer to the same call in one request.
    if (left.delete(key)) accepted.push(cleaned);
  }
  return accepted;
}

function check(answerable: Answerability): void {
  if (answerable === 'never')
    throw new HoldfastError(
      'bad_request',
      'unable to accept an answer: clients do not execute this tool; leave it to its agent',
    );
  if (answerable === 'later')
    throw new HoldfastError(
      'busy',
      'unable to accept an answer: a run is live in the message, and may answer by itself; answer again when it has ended',
    );
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
