import { HoldfastError, isRecord, isSteering, type Message } from '@holdfast/protocol';
import { safeValidateUIMessages, type UIMessage } from 'ai';
import type { Participant } from '../../contract/participant.ts';
import type { Core } from '../../core.ts';
import { presentedAs } from '../../rights/authorize.ts';
import { allowMessage } from './allow-message.ts';
import { checkMessageSize } from './message-size.ts';

/**
 * A client's message as the session takes it (HF-HTTP-15, HF-HTTP-16): every one passes here, whether it is
 * sent, queued, posted, or for a run under way. Rejects with `bad_request` what a client may not write, and
 * with what the application's `acceptMessage` rejects with.
 */
export async function admitMessage(
  { acceptMessage, clientData, limits }: Pick<Core, 'acceptMessage' | 'clientData' | 'limits'>,
  sessionId: string,
  given: Message,
  participant: Participant,
): Promise<Message> {
  if (given.role !== 'user')
    throw new HoldfastError(
      'bad_request',
      'unable to send: a client may only write messages with the role user',
    );
  const raw = given as unknown as UIMessage;
  const taken = acceptMessage
    ? await acceptMessage({ message: raw, participant, sessionId })
    : allowMessage(raw, { data: clientData });
  if (!taken)
    throw new HoldfastError(
      'bad_request',
      'unable to send: the application does not take this message',
    );
  // The message keeps its id and its role, whatever the application makes of it.
  const message = { ...(taken as unknown as Message), id: given.id, role: given.role };
  checkKinds(message, participant);
  const valid = await safeValidateUIMessages({ messages: [message] });
  if (!valid.success)
    throw new HoldfastError('bad_request', 'unable to send: the message is no valid UIMessage', {
      cause: valid.error,
    });
  checkMessageSize(message, presentedAs(participant), limits);
  return message;
}

/** Refuses parts that only the server writes, and parts of agents that people write. */
function checkKinds({ parts }: Message, { role }: Participant): void {
  const forPeople = /^(text|file|data-.*)$/s;
  const isFit = (part: unknown): boolean => {
    const type = isRecord(part) ? String(part.type) : '';
    return !isSteering(type) && (role !== 'operator' || forPeople.test(type));
  };
  if (Array.isArray(parts) && parts.every(isFit)) return;
  throw new HoldfastError(
    'bad_request',
    'unable to send: the message has parts that only agents write; send text and files',
  );
}
