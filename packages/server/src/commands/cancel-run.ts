import { type CancelState, HoldfastError, type RunInfo } from '@holdfast/protocol';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import { authorOf } from '../rights/authorize.ts';
import { endUnheld } from '../runs/abandon.ts';
import { cancelEntry } from '../session/new-entry.ts';
import { arrange } from './queue.ts';

/**
 * Asks a run to stop (HF-FRM-4). Rejects with `forbidden` when there is no such session or run: the
 * same answer as to somebody who may not.
 */
export async function cancelRun(
  core: Core,
  session: string,
  target: { readonly run: string } | { readonly command: string },
  participant: Participant,
): Promise<{ readonly state: CancelState }> {
  const { environment, log } = core;
  const entry = cancelEntry(environment, authorOf(participant));
  const { state, run } = await log.cancel(session, { target, entry });
  if (state === 'full')
    throw new HoldfastError(
      'limit',
      'unable to cancel: too many cancels wait for commands that have not come; send the command first, or try again in ten minutes',
    );
  // A command that the log does not know yet may wait in the queue.
  if ('command' in target && run === undefined && state === 'stopping')
    await arrange(core, session, { remove: [target.command] });
  if (run !== undefined && state === 'stopping')
    await Promise.all([
      cancelChildren(core, session, run, participant),
      endUnheld(core, session, run),
    ]);
  if (state === 'missing')
    throw new HoldfastError('forbidden', 'unable to cancel: there is no such run here');
  return { state };
}

/** Stops the runs that work on behalf of one that is stopped (HF-RUN-24). */
async function cancelChildren(
  core: Core,
  session: string,
  run: string,
  participant: Participant,
): Promise<void> {
  await cancelRuns(core, session, await childrenOf(core, session, run), participant);
}

const childrenOf = (core: Core, session: string, run: string): Promise<readonly RunInfo[]> =>
  core.hubs.use(session, (hub) =>
    hub.project(({ liveRuns }) => liveRuns.filter(({ parent }) => parent === run)),
  );

/** Stops runs; one that is gone meanwhile need not be stopped. */
export async function cancelRuns(
  core: Core,
  session: string,
  runs: readonly { readonly run: string }[],
  participant: Participant,
): Promise<void> {
  await Promise.all(
    runs.map(({ run }) =>
      cancelRun(core, session, { run }, participant).catch((error: unknown) => {
        if (!(HoldfastError.is(error) && error.code === 'forbidden')) throw error;
      }),
    ),
  );
}

/** How long it is repeated to the log, in ms, as the send was that cuts off. */
const retryForMs = 5_000;

/** Stops runs whose messages a send has cut off: they have nobody to write for. The send stands all the same. */
export async function cancelCutOff(
  core: Core,
  session: string,
  runs: readonly string[],
): Promise<void> {
  const { log, environment, report } = core;
  const stop = async (run: string): Promise<void> => {
    // Repeated as it is (HF-LOG-4).
    const entry = cancelEntry(environment)(run);
    const ask = async () => {
      const { state } = await log.cancel(session, { target: { run }, entry: () => entry });
      await endUnheld(core, session, run);
      if (state !== 'stopping') return;
      // One that has begun behind the cut is not among them (HF-RUN-24).
      const children = await childrenOf(core, session, run);
      await cancelCutOff(
        core,
        session,
        children.map((child) => child.run),
      );
    };
    await retryUnavailable(ask, retryForMs, environment).catch((error: unknown) =>
      report(error, { session, run }),
    );
  };
  // Its sender waits for all of them.
  await Promise.all(runs.map(stop));
}
