import type { Head } from '../../contract/entries.ts';
import { toHead } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export async function head({ writer, keys }: Store, session: string): Promise<Head | null> {
  const { meta, leases } = keys.of(session);
  return toHead(await writer.run(scripts.head, [meta], [leases]));
}
