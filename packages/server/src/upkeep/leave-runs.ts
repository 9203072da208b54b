import type { Core } from '../core.ts';
import { atMost } from '../within.ts';

/** How long what is under way for them may take, in ms. */
const settleMs = 1_000;

/**
 * Leaves the runs that have not ended to processes that stay: their agents are aborted, and nobody has to wait
 * until it is known that this process is gone (HF-RUN-18). Rejects with the log's error.
 */
export async function leaveRuns(core: Core): Promise<void> {
  const { attempts, log, onLost, dispatch, runs, environment } = core;
  const settled = () => atMost(environment, settleMs, Promise.allSettled([...runs]));
  const sessions = await attempts.giveUp(settled);
  if (onLost === 'fail' && !dispatch) return;
  // Also where nobody follows the session.
  await Promise.all(sessions.map((session) => log.remind('runs', session, 0)));
}
