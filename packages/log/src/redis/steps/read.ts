import { type ResetReason, seqOf } from '@holdfast/protocol';
import type { ReadRequest, ReadResult } from '../../contract/entries.ts';
import { pageBytes } from '../../limits.ts';
import { type Codes, damaged, entriesOf, outcomeOf, text } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export const codes: Codes<'missing' | 'entries' | 'damaged' | Exclude<ResetReason, 'lag'>> = {
  0: 'missing',
  1: 'entries',
  2: 'epoch',
  3: 'ahead',
  4: 'trimmed',
  5: 'diverged',
  6: 'damaged',
};

export async function read(
  { writer, keys }: Store,
  session: string,
  { after, limit }: ReadRequest,
): Promise<ReadResult> {
  const { meta, log } = keys.of(session);
  const from = after ? [after.epoch, seqOf(after.id), after.id] : ['', 0, ''];
  const reply = await writer.run(scripts.read, [meta, log], [...from, limit, pageBytes]);
  const { name, rest } = outcomeOf(codes, reply);
  if (name === 'missing') return { kind: name };
  if (name === 'damaged') throw damaged();
  const [epoch, top, floor, ...pairs] = rest.map(text) as [string, string, string, ...string[]];
  if (name !== 'entries') return { kind: 'reset', why: name, epoch, top };
  return { kind: 'entries', epoch, top, entries: entriesOf(floor, pairs) };
}
