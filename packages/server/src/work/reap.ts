import type { Head } from '@holdfast/log';
import type { RunEndEntry } from '@holdfast/protocol';
import type { Core } from '../core.ts';
import { messageIdOf } from '../run/run-info.ts';
import { takeOver } from './take-over.ts';

/**
 * Ends the runs whose lease has run out as `lost` (HF-RUN-5), but for those of which there is another
 * attempt. Whoever follows a session does this; the log lets one of them succeed. Never rejects: the next
 * look at the session tries again. True when this one ended a run.
 */
export async function reapLost(core: Core, session: string, head: Head): Promise<boolean> {
  const { log, environment, report } = core;
  let reaped = false;
  for (const lost of head.runs) {
    const { run, attempt, leased, info } = lost;
    if (leased) continue;
    const goesOn = await takeOver(core, session, lost).catch((error: unknown) => {
      report(error, { session, run });
      // Whether it is taken over is not known: it is looked at again.
      return true;
    });
    if (goesOn) continue;
    const at = environment.date();
    const messageId = messageIdOf(info);
    const named = messageId === null ? {} : { messageId };
    const end: RunEndEntry = { k: 'run-end', run, attempt, outcome: 'lost', ...named, at };
    const entry = { nonce: environment.nonce(), body: JSON.stringify(end) };
    const done = await log.reap(session, { run, attempt, entry }).catch((error: unknown) => {
      report(error, { session, run });
      return false;
    });
    reaped ||= done;
  }
  return reaped;
}
