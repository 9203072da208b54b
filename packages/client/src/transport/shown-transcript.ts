import type { Message, SendRequest, ShownTranscript } from '@holdfast/protocol';
import type { SyncedSession } from '../contract/session.ts';

/** A chat's list as it is handed over, and what the chat was known to show. */
export type Listed = Pick<SyncedSession, 'shown' | 'isKept' | 'runs'>;

/**
 * True when the application has changed the list since it was shown, other than the act itself does. Behind what
 * was shown come answers of runs, and the message that is sent.
 */
export function isEdited(
  { shown, runs }: Listed,
  messages: readonly Message[],
  { after, message }: Pick<SendRequest, 'after' | 'message'>,
): boolean {
  const kept = message ? messages.slice(0, -1) : messages;
  const isOther = (each: Message, at: number): boolean => {
    const known = shown[at];
    if (!known) return !runs.some(({ messageId }) => messageId === each.id);
    return each.role === 'user' ? each !== known : each.id !== known.id;
  };
  const isCutOff = after === undefined && kept.length < shown.length;
  return shown.length > 0 && (isCutOff || kept.some(isOther));
}

/**
 * The list that the chat shows, for the server to tell what the user did (HF-HTTP-25). Agents' messages go without
 * their parts; of a list that was not edited its end says where the act belongs.
 */
export const transcriptOf = (
  { shown, isKept }: Listed,
  messages: readonly Message[],
  edited: boolean,
): ShownTranscript => ({
  isSameChat: isKept || messages.some((message) => shown.includes(message)),
  shown: shown.map(({ id }) => id),
  messages: messages
    .slice(edited ? 0 : -2)
    .map((message) => (message.role === 'user' ? message : { ...message, parts: [] })),
});
