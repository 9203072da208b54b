import type { Core } from '../core.ts';
import type { HeldBody } from '../rights/large-bodies.ts';
import { bearerOf } from './admit.ts';
import { readJsonBody } from './body.ts';

/** Says who sends it, once it turns out to be large, by the text so far; rejects for who may not. */
type Sender = (begins: string) => Promise<string>;

/**
 * Reads the JSON of a body that may hold files: up to `sendBytes`. Strangers get no further than `requestBytes`, and what
 * participants send at once has a bound too. Rejects as `readJsonBody`, as `authorize` says, and with `rate`.
 */
export async function readLargeBody(
  core: Core,
  request: Request,
  sender: Sender = () => connecting(core, request),
): Promise<Record<string, unknown>> {
  let held: HeldBody | undefined;
  try {
    return await readJsonBody(request, core.limits, {
      limit: 'sendBytes',
      passed: async (bytes, begins) => {
        held ??= core.largeBodies.hold(await sender(begins));
        held.take(bytes);
      },
    });
  } finally {
    held?.release();
  }
}

/** Which session it is for stands in the body: so who asks is told as for a socket. */
async function connecting(core: Core, request: Request): Promise<string> {
  const question = {
    action: 'connect',
    sessionId: null,
    request,
    token: bearerOf(request),
  } as const;
  return (await core.gatekeeper.admit(question)).id;
}
