import type { Chunk, Message } from './entries.ts';

// An entry of its own, which imports nothing: pages load it with the first answer.

/** The chunk that says what a client answered in a part of a message; null when the part has none. */
export function answerOf(part: unknown): Chunk | null {
  const { state, toolCallId, output, errorText, providerExecuted, approval, preliminary } =
    part as Readonly<Record<string, unknown>>;
  if (state === 'approval-responded') {
    if (typeof approval !== 'object' || approval === null) return null;
    const { id: approvalId, approved, reason } = approval as Readonly<Record<string, unknown>>;
    return { type: 'tool-approval-response', approvalId, approved, reason };
  }
  if (providerExecuted === true || preliminary === true) return null;
  if (state === 'output-available') return { type: 'tool-output-available', toolCallId, output };
  return state === 'output-error' ? { type: 'tool-output-error', toolCallId, errorText } : null;
}

/** A send, as far as it goes on with a message. */
interface Continuing {
  /** Idempotency key. */
  readonly command: string;
  /** The assistant message that goes on. */
  readonly continues?: string;
  /** Outputs of client tools and approvals for it. */
  readonly answers?: readonly Chunk[];
}

/** A continuation with the answers in its message, and the command that follows from them; any other send as it is. */
export function withAnswers<SEND extends Continuing>(
  send: SEND,
  messages: readonly Message[],
): SEND & Pick<Continuing, 'answers'> {
  const message = messages.find(({ id }) => id === send.continues);
  if (!message) return send;
  const answers = message.parts.map(answerOf).filter((chunk) => chunk !== null);
  const keys = answers.map(answerKey).join(',');
  const command = keys === '' ? send.command : `${message.id}/${hash(keys)}`;
  return { ...send, command, answers };
}

const answerKey = (chunk: Chunk): string => String(chunk.toolCallId ?? chunk.approvalId);

/** 32 bits: short names for lists of call ids; a collision only joins two answers of one message. */
function hash(text: string): string {
  let value = 7;
  for (let at = 0; at < text.length; at++)
    value = (Math.imul(value, 31) + text.charCodeAt(at)) >>> 0;
  return value.toString(36);
}
