import { HoldfastError } from '@holdfast/protocol';
import { inCleanContext } from '../clean-context.ts';
import { cancelRun } from '../commands/cancel-run.ts';
import type { Core } from '../core.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import { admit } from './admit.ts';
import { bad } from './body.ts';

/** The header by which a stock client says it in each request, since its `stop()` only closes the connection. */
const header = 'holdfast-on-disconnect';

/** True when the request's client has its run stopped by closing the stream. Throws `bad_request`. */
export function stopsOnDisconnect(request: Request): boolean {
  const wish = request.headers.get(header) ?? 'continue';
  if (wish !== 'stop' && wish !== 'continue')
    throw bad(`the header \`${header}\` must be stop or continue`);
  return wish === 'stop';
}

/**
 * Stops the run whose reader has gone, if that one may. Never rejects: there is nobody to be told but whoever runs
 * the server.
 */
export async function stopAbandoned(
  core: Core,
  request: Request,
  session: string,
  run: string,
): Promise<void> {
  // A process that closes loses its connections itself; its runs are others' to go on with.
  if (!core.lifecycle.isOpen) return;
  const stop = async () => {
    const participant = await admit(core, request, 'cancel', session);
    await retryUnavailable(
      () => cancelRun(core, session, { run }, participant),
      core.limits.retryForMs,
      core.environment,
    );
  };
  await inCleanContext(stop).catch((error: unknown) => {
    // A client that may not stop a run has only left it.
    if (HoldfastError.is(error) && error.code === 'forbidden') return;
    core.report(error, { session, run });
  });
}
