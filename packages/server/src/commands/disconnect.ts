import { HoldfastError, isSessionId } from '@holdfast/protocol';
import type { Core } from '../core.ts';
import type { Revocation } from '../rights/revocations.ts';
import { arrange } from './queue.ts';

/** See `Holdfast.disconnect`. */
export async function disconnect(core: Core, who: Revocation): Promise<void> {
  const { participant, session } = who;
  if (!isName(participant) || (session !== undefined && !isSessionId(session)))
    throw bad('`participant` is a text, and `session` the id of a session');
  if (participant === undefined && session === undefined)
    throw bad('name a `participant`, a `session`, or both');
  await core.revocations.revoke({ participant, session });
  if (participant !== undefined && session !== undefined) await takeOut(core, session, participant);
}

const isName = (name: unknown): boolean =>
  name === undefined || (typeof name === 'string' && name !== '');

/** Sends that wait would be asked for as theirs when their turn has come. */
async function takeOut(core: Core, session: string, participant: string): Promise<void> {
  await core.hubs.use(session, async (hub) => {
    const remove = await hub.project(({ queue }) =>
      queue.filter(({ by }) => by?.id === participant).map(({ id }) => id),
    );
    if (remove.length > 0) await arrange(core, session, { remove });
  });
}

const bad = (reason: string): HoldfastError =>
  new HoldfastError('bad_request', `unable to disconnect: ${reason}`);
