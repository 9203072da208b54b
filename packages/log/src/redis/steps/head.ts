import type { Head } from '../../contract/entries.ts';
import { replyError, toFault } from '../faults.ts';
import { toHead } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export async function head({ heads, keys, writer }: Store, session: string): Promise<Head | null> {
  const reply = await heads.ask(keys.meta(session));
  if (typeof reply === 'string') throw toFault(scripts.head.act, writer.where, replyError(reply));
  return toHead(reply);
}
