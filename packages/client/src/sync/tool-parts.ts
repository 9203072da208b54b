import { callKey } from '@holdfast/protocol/projection';
import type { UIMessage } from 'ai';

type Part = Readonly<Record<string, unknown>>;

const stateOf = (part: unknown): unknown => (part as Part).state;
const callOf = (part: unknown): unknown => (part as Part).toolCallId;

/** True when a client gave, or has to give, what settles the part. */
const isClients = (part: unknown): boolean => {
  const { toolCallId, providerExecuted, preliminary } = part as Part;
  return typeof toolCallId === 'string' && providerExecuted !== true && preliminary !== true;
};

const openStates: ReadonlySet<unknown> = new Set(['input-available', 'approval-requested']);
const settledStates: ReadonlySet<unknown> = new Set([
  'output-available',
  'output-error',
  'approval-responded',
]);

/** True when somebody has to answer a call of the message, or an approval. */
export const hasOpenCalls = ({ parts }: UIMessage): boolean =>
  parts.some((part) => isClients(part) && openStates.has(stateOf(part)));

/** True when the message has the answer to something that stands open in the session, by the keys of {@link callKey}. */
export const answers = ({ parts }: UIMessage, open: ReadonlySet<string>): boolean =>
  parts.some((part) => {
    const { state, toolCallId, approval } = part as Part;
    if (state === 'approval-responded')
      return open.has(callKey('approval', (approval as Part | undefined)?.id));
    return isClients(part) && settledStates.has(state) && open.has(callKey('call', toolCallId));
  });

/**
 * The message, with the answers that the user gave here and that the session does not have yet: they
 * are still to be sent, and would be lost.
 */
export function withLocalAnswers<UI_MESSAGE extends UIMessage>(
  message: UI_MESSAGE,
  local: UI_MESSAGE | undefined,
): UI_MESSAGE {
  if (!local?.parts.some((part) => isClients(part) && settledStates.has(stateOf(part))))
    return message;
  let isChanged = false;
  const parts = message.parts.map((part) => {
    if (!isClients(part) || !openStates.has(stateOf(part))) return part;
    const answered = local.parts.find(
      (candidate) => callOf(candidate) === callOf(part) && settledStates.has(stateOf(candidate)),
    );
    if (!answered) return part;
    isChanged = true;
    return answered;
  });
  return isChanged ? { ...message, parts } : message;
}

const seeding: ReadonlySet<unknown> = new Set(['input-streaming', 'approval-responded']);

const isSeed = (part: unknown): boolean =>
  typeof callOf(part) === 'string' &&
  (seeding.has(stateOf(part)) ||
    (stateOf(part) === 'input-available' && (part as Part).providerExecuted === true));

/**
 * The message without the parts for which the SDK would go on from it when it resumes. A replay
 * brings the whole message, and what it went on from would be in it twice: `useChat` of version 6
 * does not hear that the stream is a replay.
 */
export function withoutSeeds<UI_MESSAGE extends UIMessage>(message: UI_MESSAGE): UI_MESSAGE {
  return message.parts.some(isSeed)
    ? { ...message, parts: message.parts.filter((part) => !isSeed(part)) }
    : message;
}
