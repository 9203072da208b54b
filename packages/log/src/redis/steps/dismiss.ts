import type { Reminder } from '../../contract/reminders.ts';
import { type Codes, outcomeOf } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export const codes: Codes<'nothing' | 'done'> = { 0: 'nothing', 1: 'done' };

export async function dismiss(
  { writer, keys }: Store,
  { topic, session, token }: Reminder,
): Promise<void> {
  outcomeOf(codes, await writer.run(scripts.dismiss, [keys.due(topic)], [session, token]));
}
