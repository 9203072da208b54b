import type { Reminder, ReminderTopic, SessionLog } from '@holdfast/log';

/** Sessions that are claimed at once, and how often in one look. */
const claimed = 20;
const batches = 50;

/**
 * Visits the sessions whose time has come on a topic, the oldest first, each once: a batch after another,
 * so that whoever waits does not wait for a look of its own. Each is put off by `claimMs` meanwhile. Ends
 * when `visit` resolves with false. Rejects with the log's error.
 */
export async function eachDue(
  log: Pick<SessionLog, 'due'>,
  topic: ReminderTopic,
  claimMs: number,
  visit: (reminder: Reminder) => Promise<boolean>,
): Promise<void> {
  const seen = new Set<string>();
  for (let left = batches; left > 0; left--) {
    const due = await log.due(topic, claimed, claimMs);
    const fresh = due.filter(({ session }) => !seen.has(session));
    for (const reminder of fresh) {
      seen.add(reminder.session);
      if (!(await visit(reminder))) return;
    }
    if (due.length < claimed || fresh.length === 0) return;
  }
}
