import { isRecord, type Message } from '@holdfast/protocol';
import { ended } from '../session/revive.ts';

/** Told to a model of a call that another run is still at, or that somebody may still answer. */
const underWayText = 'Not finished yet.';

/** States of a part in which its call may stand open. */
const unfinished: ReadonlySet<unknown> = new Set([
  'input-available',
  'approval-requested',
  'approval-responded',
]);

const mayBeOpen = (part: unknown): boolean =>
  isRecord(part) && (unfinished.has(part.state) || part.preliminary === true);

/**
 * Messages as an agent is to be given them (HF-RUN-2): with no call that has no result, which providers
 * refuse. In the message that it goes on with, `own`, calls stay that are its to execute. What clients show
 * stays as it is.
 */
export async function withEndedCalls(
  messages: readonly Message[],
  own: string,
): Promise<Message[]> {
  return await Promise.all(
    messages.map((message) =>
      Array.isArray(message.parts) && message.parts.some(mayBeOpen)
        ? ended(message, underWayText, message.id === own ? 'unanswered' : 'open')
        : message,
    ),
  );
}
