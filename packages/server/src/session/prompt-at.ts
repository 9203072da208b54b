import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StoredEntry } from '@holdfast/log';
import { origin, type Position, seqOf } from '@holdfast/protocol';
import { entryOf } from './entry-of.ts';
import type { Prompt } from './prompt.ts';
import type { SessionView } from './view.ts';

/** Entries that this process wrote, behind `before`. */
export interface OwnEntries {
  readonly before: Position;
  readonly entries: readonly Pick<StoredEntry, 'id' | 'body'>[];
}

/** How a view comes to an entry. */
interface Reading {
  /** Brings what was delivered to the view, up to the entry of that number. */
  readonly deliver: (through: number) => Promise<void>;
  /** Another view of the session, which has read nothing. */
  readonly fresh: () => SessionView;
}

/**
 * The messages at the last of entries that this process wrote. Where a later checkpoint is in the way, as it is
 * now: up to the message of the run that is started. Null where the log has lost that run.
 */
export async function promptAt(
  now: SessionView,
  { before, entries }: OwnEntries,
  reading: Reading,
): Promise<Prompt | null> {
  const last = entries.at(-1);
  const id = last?.id ?? before.id;
  const view = await viewAt(now, id, reading);
  const start = view.position.id === id || !last ? null : entryOf(last.body);
  if (start?.k !== 'run-start') return await view.prompt();
  const place = [...view.projection.items].findIndex((item) => item.id === start.messageId);
  if (!view.projection.run(start.run) || place < 0) return null;
  const end = view.start + place + (start.continues ? 1 : 0);
  return await view.prompt(end);
}

/** The session as it was at an entry; as it is, when that cannot be seen any more. */
async function viewAt(
  now: SessionView,
  id: string,
  { deliver, fresh }: Reading,
): Promise<SessionView> {
  // Nobody needs to go past it to see it: what was stored since would be in the way.
  if (seqOf(now.position.id) < seqOf(id)) {
    await deliver(seqOf(id));
    if (now.position.id !== id) await now.readOn(id);
  }
  if (now.position.id === id) return now;
  const then = fresh();
  await then.readOn(id);
  if (then.position.id === id) return then;
  await now.readOn();
  return now;
}

/** Has a view go on by entries that this process wrote right behind what it knows; others say nothing to it. */
export async function takeNote(view: SessionView, { before, entries }: OwnEntries): Promise<void> {
  const { epoch, id } = view.position;
  // Before its first entry there is nothing of a session that could be unknown.
  if (before.id === origin && epoch === '') view.begin(before.epoch);
  else if (epoch === '' || epoch !== before.epoch || id !== before.id) return;
  await view.apply(entries);
}

/** Delivered entries that are folded before the event loop has its turn: an answer that ends must not hold others up. */
const slice = 100;

/** Has a view go on by what was delivered. */
export async function applySlices(
  view: SessionView,
  entries: OwnEntries['entries'],
): Promise<void> {
  for (let at = 0; at < entries.length; at += slice) {
    if (at > 0) await nextTurn();
    const applied = entries.slice(at, at + slice);
    await view.apply(applied);
    // It has to be begun anew: the rest comes with that.
    if (view.position.id !== applied.at(-1)?.id) return;
  }
}
