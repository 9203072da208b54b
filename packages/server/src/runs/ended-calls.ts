import type { Message } from '@holdfast/protocol';
import { mayBeOpen } from '../session/prompt.ts';
import { ended } from '../session/revive.ts';

/** Told to a model of a call that another run is still at, or that somebody may still answer. */
const underWayText = 'Not finished yet.';

/**
 * A message as an agent is to be given it (HF-RUN-2): with no call that has no result, which providers
 * refuse. In the message that it goes on with, `own`, calls stay that are its to execute. What clients show
 * stays as it is.
 */
export function withEndedCalls(message: Message, own: string): Message | Promise<Message> {
  return Array.isArray(message.parts) && message.parts.some(mayBeOpen)
    ? ended(message, underWayText, message.id === own ? 'unanswered' : 'open')
    : message;
}
