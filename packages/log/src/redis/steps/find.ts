import type { FoundItem } from '../../contract/messages.ts';
import { digestOf } from '../digest.ts';
import { type Codes, outcomeOf, text } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export const codes: Codes<'missing' | 'found'> = { 0: 'missing', 1: 'found' };

export async function find(
  { writer, keys }: Store,
  session: string,
  key: string,
): Promise<FoundItem | null> {
  const { meta, ids } = keys.of(session);
  const reply = await writer.run(scripts.find, [meta, ids], [digestOf(key)]);
  const { name, rest } = outcomeOf(codes, reply);
  if (name === 'missing') return null;
  const [epoch, checkpoint, at] = rest;
  return { epoch: text(epoch), checkpoint: text(checkpoint), at: Number(at) };
}
