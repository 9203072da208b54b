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
  const { runs, isToCome } = await lookFrom(core, session, messageId);
  const targets: Parameters<typeof cancelRun>[2][] = runs.map((run) => ({ run }));
  // The send may be on its way: its command is the id of its message. One that the session has is not.
  if (messageId !== undefined && isToCome) targets.push({ command: messageId });
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

/** The live runs of a message and behind it, and whether the message is one that the session does not have yet. */
async function lookFrom(
  core: Core,
  session: string,
  messageId: string | undefined,
): Promise<{ readonly runs: readonly string[]; readonly isToCome: boolean }> {
  return await core.hubs.use(session, (hub) =>
    hub.project(async (projection, _, view) => {
      const all = projection.liveRuns;
      const behind = (runs: typeof all) => ({ runs: runs.map(({ run }) => run), isToCome: false });
      if (messageId === undefined) return behind(all);
      const ids = [...projection.items].map(({ id }) => id);
      const from = ids.indexOf(messageId);
      if (from >= 0) return behind(all.filter(({ messageId: into }) => ids.indexOf(into) >= from));
      // An older message than those at hand is in front of them all; one that is not known is still to come.
      return (await view.hasOlder(messageId)) ? behind(all) : { runs: [], isToCome: true };
    }),
  );
}
