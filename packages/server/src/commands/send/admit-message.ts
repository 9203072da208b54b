import {
  HoldfastError,
  isRecord,
  isSteering,
  isValueReference,
  type Message,
} from '@holdfast/protocol';
import { safeValidateUIMessages, type UIMessage } from 'ai';
import type { Participant } from '../../contract/participant.ts';
import type { Core } from '../../core.ts';
import { presentedAs } from '../../rights/authorize.ts';
import { allowParts } from './allow-message.ts';
import { keepMessage, withFileData, withOwnFiles } from './message-files.ts';
import { checkMessageSize } from './message-size.ts';

/**
 * A client's message as the session takes it (HF-HTTP-15, HF-HTTP-16): every one passes here, whether it is
 * sent, queued, posted, or for a run under way. Rejects with `bad_request` what a client may not write, and
 * with what the application's `acceptMessage` rejects with.
 */
export async function admitMessage(
  core: Pick<
    Core,
    'acceptMessage' | 'clientData' | 'environment' | 'files' | 'fileTexts' | 'limits'
  >,
  sessionId: string,
  given: Message,
  participant: Participant,
): Promise<Message> {
  if (given.role !== 'user')
    throw new HoldfastError(
      'bad_request',
      'unable to send: a client may only write messages with the role user',
    );
  const named = await withOwnFiles(core, sessionId, given);
  const taken = await takenOf(core, sessionId, named, participant);
  if (!taken)
    throw new HoldfastError(
      'bad_request',
      'unable to send: the application does not take this message',
    );
  // The message keeps its id and its role, whatever the application makes of it.
  const message = { ...(taken as unknown as Message), id: given.id, role: given.role };
  checkKinds(message, participant);
  checkMetadata(message);
  const valid = await safeValidateUIMessages({ messages: [message] });
  if (!valid.success)
    throw new HoldfastError('bad_request', 'unable to send: the message is no valid UIMessage', {
      cause: valid.error,
    });
  const kept = await keepMessage(core, sessionId, message);
  checkMessageSize(kept, presentedAs(participant), core.limits);
  return kept;
}

/** What the application takes of it, which is asked about data as they are and not about references. */
async function takenOf(
  {
    acceptMessage,
    clientData,
    fileTexts,
  }: Pick<Core, 'acceptMessage' | 'clientData' | 'fileTexts'>,
  sessionId: string,
  named: Message,
  participant: Participant,
): Promise<UIMessage | null> {
  if (!acceptMessage) return allowParts(named as unknown as UIMessage, { data: clientData }, true);
  const message = (await withFileData(fileTexts, sessionId, named)) as unknown as UIMessage;
  return await acceptMessage({ message, participant, sessionId });
}

/** Pages of before would take such metadata for a reference, and ask for what it names (HF-FILE-3). */
function checkMetadata({ metadata }: Message): void {
  if (!isValueReference(metadata)) return;
  throw new HoldfastError(
    'bad_request',
    'unable to send: the metadata of a message may not have the member `$holdfast`',
  );
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
