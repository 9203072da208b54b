import { HoldfastError } from '@holdfast/protocol';
import type { Opened, OpenRequest } from '../../contract/messages.ts';
import { openItems, pageBytes, pageEntries } from '../../limits.ts';
import { type Codes, damaged, entriesOf, outcomeOf, text, toHead, values } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';
import { touch } from './touch.ts';

export const codes: Codes<'missing' | 'opened' | 'damaged'> = {
  0: 'missing',
  1: 'opened',
  2: 'damaged',
};

export async function open(
  store: Store,
  session: string,
  { limit }: OpenRequest,
): Promise<Opened | null> {
  const { writer, keys, limits } = store;
  const { meta, log, items, leases } = keys.of(session);
  const args = [leases, limits.retentionMs, limit, openItems, pageEntries, pageBytes];
  const reply = await writer.run(scripts.open, [meta, log, items], args);
  if (isDue(reply)) await touchUnlessRefused(store, session);
  return openedOf(reply);
}

/** True when what was opened has to be touched. */
const isDue = (reply: unknown): boolean => values(reply)[7] === 1;

/** A store that refuses writes just now can still be read; the next one who opens the session touches it. */
const touchUnlessRefused = (store: Store, session: string): Promise<void> =>
  touch(store, session).catch((error: unknown) => {
    if (!HoldfastError.is(error) || error.code !== 'unavailable') throw error;
  });

function openedOf(reply: unknown): Opened | null {
  const { name, rest } = outcomeOf(codes, reply);
  if (name === 'missing') return null;
  if (name === 'damaged') throw damaged();
  const [count, handed, state, head, items, entries] = rest as readonly unknown[];
  const known = toHead(head);
  if (!known) return null;
  return {
    ...known,
    count: Number(count),
    handed: String(handed),
    state: String(state),
    items: values(items).map(text),
    entries: entriesOf(known.checkpoint, values(entries)),
  };
}
