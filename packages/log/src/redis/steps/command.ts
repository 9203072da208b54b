import type { KnownCommand } from '../../contract/sends.ts';
import { type Codes, outcomeOf } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';
import { knownOf } from './send.ts';

export const codes: Codes<'unknown' | 'known'> = { 0: 'unknown', 1: 'known' };

export async function command(
  { writer, keys }: Store,
  session: string,
  id: string,
): Promise<KnownCommand | null> {
  const { meta, commands, ended } = keys.of(session);
  const reply = await writer.run(scripts.command, [meta, commands, ended], [id]);
  const { name, rest } = outcomeOf(codes, reply);
  return name === 'unknown' ? null : knownOf(rest);
}
