import type { ReminderTopic } from '@holdfast/log';
import type { Core } from '../core.ts';
import { retryUnavailable } from '../retry-unavailable.ts';

/**
 * Notes when somebody should look at the session, beside what goes on there: repeated until the log has it,
 * for `retryForMs` at most. Never rejects.
 */
export async function remindBeside(
  { log, limits, environment, report }: Core,
  topic: ReminderTopic,
  session: string,
  afterMs: number,
): Promise<void> {
  const remind = () => log.remind(topic, session, afterMs);
  await retryUnavailable(remind, limits.retryForMs, environment).catch((error: unknown) =>
    report(error, { session }),
  );
}

/** As of the hook delivery's own notes, in ms. */
const hooksMs = 30_000;
/** How long the note is repeated where the log is away, in ms: a run's end waits for it. */
const hooksRetryForMs = 5_000;

/**
 * Notes that the application is to be told, before a run ends and in front of what else it is told of: whoever looks
 * then tells it where this process dies between that and its own telling (HF-RUN-25). Never rejects.
 */
export async function remindOfHooks(core: Core, session: string): Promise<void> {
  const limits = { ...core.limits, retryForMs: hooksRetryForMs };
  if (core.hookDelivery) await remindBeside({ ...core, limits }, 'hooks', session, hooksMs);
}
