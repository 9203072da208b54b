import type { SessionLog } from '@holdfast/log';
import type { RunInfo } from '@holdfast/protocol';
import { readStored, type StoredItem } from './stored-item.ts';

/** The place of the messages that a view does not hold. */
export interface Older {
  /** Place of the oldest message that is held. */
  readonly start: number;
  readonly checkpoint: string;
  /** The number of messages that are read in front of the one that is looked for, with itself. */
  readonly pageMessages: number;
}

/**
 * Stored messages, and the runs of those that are open, from a page in front of a message to those that are held. `changed`: the log has stored more
 * meanwhile, so that what is held and what is read differ. Rejects with the log's error.
 */
export async function olderItems(
  log: Pick<SessionLog, 'find' | 'items'>,
  session: string,
  id: string,
  { start, checkpoint, pageMessages }: Older,
): Promise<
  | {
      readonly begin: number;
      readonly items: readonly StoredItem[];
      readonly runs: readonly RunInfo[];
    }
  | 'absent'
  | 'changed'
> {
  const found = await log.find(session, id);
  if (!found) return 'absent';
  if (found.checkpoint !== checkpoint) return 'changed';
  const begin = Math.max(0, found.at + 1 - pageMessages);
  const limit = start - begin;
  if (limit <= 0) return 'absent';
  const read = await log.items(session, { before: start, limit });
  if (read?.checkpoint !== checkpoint) return 'changed';
  const items = read.items.map(readStored);
  return { begin, items, runs: items.flatMap(({ runs = [] }) => runs) };
}
