import type { Head, LiveRun, SessionLog } from '@holdfast/log';
import type { RunEndEntry } from '@holdfast/protocol';
import type { Environment } from '../environment.ts';
import type { Report } from '../options.ts';
import { messageIdOf } from './run-info.ts';

/**
 * Ends the runs whose lease has run out as `lost` (HF-RUN-5). Whoever follows a session does this;
 * the log lets one of them succeed. Those that `goesOn` has another attempt of are left alone. Never
 * rejects: the next look at the session tries again. True when this one ended a run.
 */
export async function reapLost(
  log: SessionLog,
  session: string,
  head: Head,
  environment: Environment,
  report: Report,
  goesOn: (lost: LiveRun) => Promise<boolean>,
): Promise<boolean> {
  let reaped = false;
  for (const lost of head.runs) {
    const { run, attempt, leased, info } = lost;
    if (leased) continue;
    const isTaken = await goesOn(lost).catch((error: unknown) => {
      report(error, { session, run });
      // Whether it is taken over is not known: it is looked at again.
      return true;
    });
    if (isTaken) continue;
    const at = environment.now();
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
