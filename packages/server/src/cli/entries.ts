import type { SessionLog, StoredEntry } from '@holdfast/log';
import type { Entry } from '@holdfast/protocol';
import { HoldfastError } from '@holdfast/protocol';
import { entryOf } from '../session/entry-of.ts';

const page = 500;
/** Times that a log may be another one than it was, in the middle of reading. */
const tries = 3;

/** Every entry that the log keeps, oldest first, as it is now. Ends early where nobody wants more. */
export async function* entriesOf(
  log: SessionLog,
  session: string,
): AsyncGenerator<readonly StoredEntry[]> {
  let after: { epoch: string; id: string } | null = null;
  for (let left = tries; left > 0; ) {
    const read = await log.read(session, { after, limit: page });
    if (read.kind === 'missing') return;
    if (read.kind === 'reset') {
      left--;
      after = null;
      continue;
    }
    yield read.entries;
    const last = read.entries.at(-1);
    if (!last || last.id === read.top) return;
    after = { epoch: read.epoch, id: last.id };
  }
  throw new HoldfastError(
    'unavailable',
    'unable to read the session: it begins anew faster; try again',
  );
}

/** What an entry is, as far as it can be read here. */
export type Read =
  | { readonly kind: 'entry'; readonly entry: Entry }
  /** Encrypted, and no key was given. */
  | { readonly kind: 'sealed' }
  /** Readers skip it. */
  | { readonly kind: 'unreadable' };

export function readBody(body: string): Read {
  if (/^enc\d\./.test(body)) return { kind: 'sealed' };
  const entry = entryOf(body);
  return entry ? { kind: 'entry', entry } : { kind: 'unreadable' };
}

export const kindOf = (body: string): string => {
  const read = readBody(body);
  return read.kind === 'entry' ? read.entry.k : read.kind;
};

/** Members that say which run or message it is about, and how it went: ids and words of ours, no contents. */
export function factsOf({ body }: Pick<StoredEntry, 'body'>): Record<string, string | number> {
  const read = readBody(body);
  if (read.kind !== 'entry') return {};
  const entry = read.entry as Entry & Readonly<Record<string, unknown>>;
  const facts: Record<string, string | number> = {};
  for (const name of [
    'run',
    'attempt',
    'agent',
    'messageId',
    'outcome',
    'reason',
    'parent',
  ] as const) {
    const value = entry[name];
    if (typeof value === 'string' || typeof value === 'number') facts[name] = value;
  }
  if (entry.k === 'message') facts.messageId = entry.message.id;
  if (entry.k === 'chunks') facts.chunks = entry.c.length;
  if (entry.k === 'queue') facts.waiting = entry.order.length;
  return facts;
}
