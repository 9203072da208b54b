import { HoldfastError, isName } from '@holdfast/protocol';
import type { Core } from '../../core.ts';
import type { SessionHub } from '../../session/hub.ts';

const fault = (why: string): HoldfastError =>
  new HoldfastError(
    'internal',
    `unable to begin an answer: \`generateId\` gave ${why}; give another id each time, such as \`crypto.randomUUID()\``,
  );

/**
 * The id of an answer that begins (HF-ENT-2). Rejects with `internal` for one of the application's that no message can
 * have, or that a message has already: the answer would be written into that one.
 */
export async function newMessageId(
  { generateId, environment }: Pick<Core, 'generateId' | 'environment'>,
  hub: SessionHub,
): Promise<string> {
  if (!generateId) return environment.id();
  const id: unknown = generateId();
  if (!isName(id)) throw fault('no text of 1 to 256 characters');
  const isTaken = await hub.project(
    async (projection, _, view) => projection.item(id) !== undefined || (await view.hasOlder(id)),
    'delivered',
  );
  if (isTaken) throw fault('the id of a message that the session has');
  return id;
}
