import type { Reminder, ReminderTopic } from '../../contract/reminders.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export async function remind(
  { writer, keys }: Store,
  topic: ReminderTopic,
  session: string,
  afterMs: number,
): Promise<Reminder> {
  const token = await writer.run(scripts.remind, [keys.due(topic)], [session, afterMs]);
  return { topic, session, token: String(token) };
}
