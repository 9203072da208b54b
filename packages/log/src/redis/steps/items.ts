import type { ItemsRequest, ItemsResult } from '../../contract/messages.ts';
import { type Codes, outcomeOf, text } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export const codes: Codes<'missing' | 'found'> = { 0: 'missing', 1: 'found' };

export async function items(
  { writer, keys }: Store,
  session: string,
  { before, limit }: ItemsRequest,
): Promise<ItemsResult | null> {
  const { meta, items: list } = keys.of(session);
  const args = [Math.max(0, before - limit), before - 1];
  const { name, rest } = outcomeOf(codes, await writer.run(scripts.items, [meta, list], args));
  if (name === 'missing') return null;
  const [epoch, checkpoint, count, ...found] = rest;
  return {
    epoch: text(epoch),
    checkpoint: text(checkpoint),
    count: Number(count),
    items: found.map(text),
  };
}
