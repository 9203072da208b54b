import type { Reminder, ReminderTopic } from '../../contract/reminders.ts';
import { text, values } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export async function due(
  { writer, keys }: Store,
  topic: ReminderTopic,
  limit: number,
  claimMs: number,
): Promise<readonly Reminder[]> {
  const reply = await writer.run(scripts.due, [keys.due(topic)], [limit, claimMs]);
  const [token, ...sessions] = values(reply);
  return sessions.map((session) => ({ topic, session: text(session), token: text(token) }));
}
