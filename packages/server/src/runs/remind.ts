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
