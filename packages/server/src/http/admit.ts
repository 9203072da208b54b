import { HoldfastError } from '@holdfast/protocol';
import type { Participant, SessionAction } from '../contract/participant.ts';
import type { Core } from '../core.ts';

/** Asks the application whether the request may do that. Rejects as it says, or with `forbidden`. */
export const admit = (
  core: Core,
  request: Request,
  action: SessionAction,
  sessionId: string,
): Promise<Participant> =>
  core.gatekeeper.admit({ action, sessionId, request, token: bearerOf(request) });

/**
 * Asks for each of several actions, of which there is at least one. Resolves with whom the first gave: a
 * participant of another id among them is a fault of the application's function.
 */
export async function admitAll(
  core: Core,
  request: Request,
  actions: readonly SessionAction[],
  sessionId: string,
): Promise<Participant> {
  const [first, ...rest] = await Promise.all(
    actions.map((action) => admit(core, request, action, sessionId)),
  );
  if (first && rest.every(({ id }) => id === first.id)) return first;
  throw new HoldfastError(
    'internal',
    'unable to act: `authorize` gave several participants for one request; give the one who asks',
  );
}

/** The token that a request brings in its header, if any. */
export const bearerOf = (request: Request): string | undefined =>
  /^Bearer (.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
