import { type CancelState, HoldfastError } from '@holdfast/protocol';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import { authorOf } from '../rights/authorize.ts';
import { abandon } from '../runs/abandon.ts';
import { runRecordOf } from '../runs/run-record.ts';
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
      endUnstarted(core, session, run),
    ]);
  if (state === 'missing')
    throw new HoldfastError('forbidden', 'unable to cancel: there is no such run here');
  return { state };
}

/** A run that waits for a worker, or for its engine's next step, need not wait for it to be stopped. */
async function endUnstarted(core: Core, session: string, run: string): Promise<void> {
  const live = await core.log.run(session, run);
  if (live?.state === 'running' && runRecordOf(live.info).by !== undefined)
    await abandon(core, session, live, { outcome: 'stopped' });
}

/** Stops the runs that work on behalf of one that is stopped (HF-RUN-24). */
async function cancelChildren(
  core: Core,
  session: string,
  run: string,
  participant: Participant,
): Promise<void> {
  const children = await core.hubs.use(session, (hub) =>
    hub.project(({ liveRuns }) => liveRuns.filter(({ parent }) => parent === run)),
  );
  await cancelRuns(core, session, children, participant);
}

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

/** Stops runs whose messages a send has cut off: they have nobody to write for. The send stands all the same. */
export async function cancelCutOff(
  { log, environment, report }: Core,
  session: string,
  runs: readonly string[],
): Promise<void> {
  const entry = cancelEntry(environment);
  for (const run of runs)
    await log
      .cancel(session, { target: { run }, entry })
      .catch((error: unknown) => report(error, { session, run }));
}
