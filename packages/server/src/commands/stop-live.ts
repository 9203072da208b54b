import { type CancelState, HoldfastError } from '@holdfast/protocol';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import { cancelRun } from './cancel-run.ts';

/** At most so many asks are under way at once. */
const atOnce = 8;

/**
 * Stops the runs that are live, for clients that know no runs (HF-HTTP-37). With `messageId`, the last message that
 * the client shows: those that write into that or behind it, and the send of that message if it is still to come.
 * Rejects with `unavailable`.
 */
export async function stopLive(
  core: Core,
  session: string,
  messageId: string | undefined,
  participant: Participant,
): Promise<{ readonly state: CancelState }> {
  const runs = await liveRuns(core, session, messageId);
  const targets: Parameters<typeof cancelRun>[2][] = runs.map((run) => ({ run }));
  // The send may be on its way: its command is the id of its message.
  if (messageId !== undefined && runs.length === 0) targets.push({ command: messageId });
  const states: CancelState[] = [];
  for (let at = 0; at < targets.length; at += atOnce)
    states.push(
      ...(await Promise.all(
        targets.slice(at, at + atOnce).map(async (target) => {
          try {
            return (await cancelRun(core, session, target, participant)).state;
          } catch (error) {
            // It is gone meanwhile, or there is no such session.
            if (HoldfastError.is(error) && error.code === 'forbidden') return 'finished';
            throw error;
          }
        }),
      )),
    );
  return { state: states.includes('stopping') ? 'stopping' : 'finished' };
}

async function liveRuns(
  core: Core,
  session: string,
  messageId: string | undefined,
): Promise<readonly string[]> {
  const live = await core.hubs.use(session, (hub) =>
    hub.project(async (projection, _, view) => {
      const all = projection.liveRuns;
      if (messageId === undefined || all.length === 0) return all;
      const ids = [...projection.items].map(({ id }) => id);
      const from = ids.indexOf(messageId);
      // An older message than those at hand is in front of them all; one that is not known is still to come.
      if (from < 0) return (await view.hasOlder(messageId)) ? all : [];
      return all.filter(({ messageId: into }) => ids.indexOf(into) >= from);
    }),
  );
  return live.map(({ run }) => run);
}
