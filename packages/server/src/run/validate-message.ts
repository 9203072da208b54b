import { HoldfastError, type Message } from '@holdfast/protocol';
import { safeValidateUIMessages } from 'ai';

/** Rejects with `bad_request` what a client may not write (HF-HTTP-2). */
export async function validateMessage(message: Message): Promise<void> {
  if (message.role !== 'user')
    throw new HoldfastError(
      'bad_request',
      'unable to send: a client may only write messages with the role user',
    );
  const valid = await safeValidateUIMessages({ messages: [message] });
  if (!valid.success)
    throw new HoldfastError('bad_request', 'unable to send: the message is no valid UIMessage', {
      cause: valid.error,
    });
}
