import type { SendCommand } from '@holdfast/log';
import type { Core } from '../../core.ts';
import { retryUnavailable } from '../../retry-unavailable.ts';
import type { SessionHub } from '../../session/hub.ts';
import { type Accepted, acceptedOf, isOurs } from './accepted.ts';
import type { DraftedRun } from './command.ts';

/** How often the log is asked for a send that may still be on its way to it, and how long after another, in ms. */
const questions = 5;
const questionMs = 1_000;

/**
 * The outcome of a send whose sender was told `unavailable`: null where the log does not have it, or its run is
 * another's or over. Writes nothing. Rejects with the log's error.
 */
export async function acceptedLater(
  core: Core,
  hub: SessionHub,
  drafted: DraftedRun & { readonly command: SendCommand },
): Promise<Accepted | null> {
  const { log, limits, environment } = core;
  const ask = () => log.command(hub.session, drafted.command.command);
  for (let left = questions; left > 0; left--) {
    const known = await retryUnavailable(ask, limits.retryForMs, environment);
    if (known) {
      const accepted = acceptedOf(core, hub, drafted, { kind: 'duplicate', ...known });
      return isOurs(accepted) ? accepted : null;
    }
    await environment.wait(questionMs);
  }
  return null;
}
