import { reminderTopics } from '../../limits.ts';
import { type Codes, outcomeOf } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export const codes: Codes<'nothing' | 'done'> = { 0: 'nothing', 1: 'done' };

export async function erase(store: Store, session: string): Promise<boolean> {
  const { writer, commits, keys, limits, publish } = store;
  const { meta, log, commands, ended, items, ids, channel, leases, marks, claims, files, uploads } =
    keys.of(session);
  const reply = await commits.run(
    scripts.delete,
    [meta, log, commands, ended, items, ids, marks, claims, files, uploads],
    [publish, channel, limits.commandMs, leases],
  );
  // In other slots of a cluster, so apart from the rest; one that is left finds nothing.
  await Promise.all(
    reminderTopics.map((topic) =>
      writer.ask('delete the session', (client) => client.call('ZREM', [keys.due(topic), session])),
    ),
  );
  return outcomeOf(codes, reply).name === 'done';
}
