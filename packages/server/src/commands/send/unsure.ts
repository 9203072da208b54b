import type { KnownCommand, SendCommand } from '@holdfast/log';
import type { Core } from '../../core.ts';
import { retryUnavailable } from '../../retry-unavailable.ts';
import type { SessionHub } from '../../session/hub.ts';
import { cancelCutOff } from '../cancel-run.ts';
import { type Accepted, acceptedOf, isOurs } from './accepted.ts';
import type { DraftedRun } from './command.ts';

/** How often the log is asked for a send that may still be on its way to it, and how long after another, in ms. */
const questions = 5;
const questionMs = 1_000;

/** A command whose sender was told `unavailable`; null where the log does not have it. Writes nothing. Rejects with its error. */
export async function knownLater(
  { log, limits, environment }: Core,
  session: string,
  command: string,
): Promise<KnownCommand | null> {
  const ask = () => log.command(session, command);
  for (let left = questions; left > 0; left--) {
    const known = await retryUnavailable(ask, limits.retryForMs, environment);
    if (known) return known;
    await environment.wait(questionMs);
  }
  return null;
}

/**
 * The outcome of a send whose sender was told `unavailable`: null where the log does not have it, or its run is
 * another's or over. What it has cut off is stopped, also where its own run was stopped meanwhile. Writes nothing
 * else. Rejects with the log's error.
 */
export async function acceptedLater(
  core: Core,
  hub: SessionHub,
  drafted: DraftedRun & { readonly command: SendCommand },
): Promise<Accepted | null> {
  const known = await knownLater(core, hub.session, drafted.command.command);
  if (!known || known.run?.run !== drafted.run) return null;
  await cancelCutOff(core, hub.session, drafted.cancels);
  const accepted = acceptedOf(core, hub, drafted, { kind: 'duplicate', ...known });
  return isOurs(accepted) ? accepted : null;
}
