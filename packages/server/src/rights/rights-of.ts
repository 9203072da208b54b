import type { SendRequest } from '@holdfast/protocol';
import type { SessionAction } from '../contract/participant.ts';

/**
 * The actions of a send as far as its form says it (HF-AUTH-1). What depends on the session, such as that it
 * stops a run, is asked for where that is seen.
 */
export function rightsOf({ message, after, continues, answers }: SendRequest): SessionAction[] {
  const rights: SessionAction[] = [];
  if (continues !== undefined || (answers?.length ?? 0) > 0) rights.push('answer');
  if (after !== undefined) rights.push('edit');
  if (message || rights.length === 0) rights.push('send');
  return rights;
}
