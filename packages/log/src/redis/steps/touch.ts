import { type Codes, outcomeOf } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export const codes: Codes<'done'> = { 1: 'done' };

export async function touch({ writer, keys, limits }: Store, session: string): Promise<void> {
  const { meta, log, items, ids } = keys.of(session);
  const reply = await writer.run(scripts.touch, [meta, log, items, ids], [limits.retentionMs]);
  outcomeOf(codes, reply);
}
