import type { Core } from '../core.ts';
import type { AuthorizeRequest, Participant } from '../options.ts';

/** Asks the application whether the request may do that. Rejects as it says, or with `forbidden`. */
export const admit = (
  core: Core,
  request: Request,
  action: Exclude<AuthorizeRequest['action'], 'connect'>,
  sessionId: string,
): Promise<Participant> =>
  core.gatekeeper.admit({ action, sessionId, request, token: bearerOf(request) });

const bearerOf = (request: Request): string | undefined =>
  /^Bearer (.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
