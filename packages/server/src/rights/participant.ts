import { HoldfastError, isRecord } from '@holdfast/protocol';
import type { Participant } from '../contract/participant.ts';
import { isOperator } from './operator.ts';

/** Ids travel with every entry that their participant writes. */
const maxId = 256;

/**
 * The participant that `authorize` gave, as it is kept: its members and nothing else of what may be a whole
 * row of users, since it is stored with what waits and shown to others. Null where the credentials are
 * over. Throws `internal`, in words for whoever wrote the function, for what can be no participant. A `role` is the
 * application's own and gives no rights; only `asOperator` makes an operator (HF-AUTH-6).
 */
export function participantOf(given: unknown): Participant | null {
  if (!isRecord(given)) throw fault('what it gave is no object; give { id } or null');
  const { id, info, expiresInMs } = given;
  if (typeof id !== 'string' || id === '' || id.length > maxId)
    throw fault(`its \`id\` is no text of 1 to ${maxId} characters; give String(user.id)`);
  if (info !== undefined && info !== null && !isRecord(info))
    throw fault('its `info` is no object; leave it out, or give one');
  const hasEnd = expiresInMs !== undefined && expiresInMs !== null;
  if (hasEnd && (typeof expiresInMs !== 'number' || Number.isNaN(expiresInMs)))
    throw fault('its `expiresInMs` is no number; give milliseconds from now');
  if (hasEnd && expiresInMs <= 0) return null;
  return {
    id,
    ...(isOperator(given) ? { role: 'operator' as const } : {}),
    ...(isRecord(info) ? { info } : {}),
    ...(hasEnd ? { expiresInMs } : {}),
  };
}

const fault = (reason: string): HoldfastError =>
  new HoldfastError('internal', `unable to use what \`authorize\` gave: ${reason}`);
