import { type Position, seqOf } from '@holdfast/protocol';
import type { ProjectedItem } from '@holdfast/protocol/projection';
import { entryOf } from '../session/entry-of.ts';
import { isShown } from '../session/fold-message.ts';
import type { SessionHub } from '../session/hub.ts';
import { kindOf } from '../session/kind-of.ts';

/** What of answers is told of only behind an entry. */
interface Later {
  /** Runs that end there, or have not ended. */
  readonly runs: Set<string>;
  /** Messages that such a run wrote into. */
  readonly messages: Set<string>;
  /** Messages with calls that are answered there. */
  readonly answered: Set<string>;
}

/**
 * The last message that stays behind a cut and that the application was told of in front of it; null where none was.
 * An answer is told of when its run ends, which may be behind the cut, whether or not it has ended by now. Undefined
 * where nothing is to be told: the message to keep is gone itself, by a later cut, which takes more away.
 */
export const lastTold = (
  hub: SessionHub,
  cut: Position,
  after: string | null,
): Promise<string | null | undefined> =>
  hub.project(async (projection, _, view) => {
    if (after === null) return null;
    if (!(await view.reach(after))) return undefined;
    const later = await laterThan(hub, cut, view.position);
    for (const { run, messageId } of projection.liveRuns) {
      later.runs.add(run);
      later.messages.add(messageId);
    }
    let place = view.start + [...projection.items].findIndex(({ id }) => id === after);
    for (; place >= 0; place--)
      for (const { message } of await view.messages(place, place + 1))
        if (isShown(message) && isTold(projection.item(message.id), message.id, later))
          return message.id;
    return null;
  });

/** Of an answer that is stored nobody knows any more which runs wrote into it: one that ended later stands for all. */
const isTold = (item: ProjectedItem | undefined, id: string, later: Later): boolean =>
  item?.kind === 'assistant' && later.messages.has(id)
    ? item.segments.some(({ run }) =>
        run === null ? !later.answered.has(id) : !later.runs.has(run),
      )
    : !later.messages.has(id);

/** Reads what is between a cut and where the session is looked at. Where the log does not have it, nothing is later. */
async function laterThan(hub: SessionHub, cut: Position, through: Position): Promise<Later> {
  const later: Later = { runs: new Set(), messages: new Set(), answered: new Set() };
  const cursor = hub.cursor(cut);
  while (seqOf(cursor.id) < seqOf(through.id)) {
    const behind = await cursor.next();
    if (behind.kind !== 'entries' || behind.entries.length === 0) break;
    for (const { id, body } of behind.entries) {
      cursor.pass(id);
      const entry = kindOf(body) === 'chunks' ? null : entryOf(body);
      if (entry?.k === 'answer') later.answered.add(entry.messageId);
      if (entry?.k !== 'run-end' || entry.messageId === undefined) continue;
      later.runs.add(entry.run);
      later.messages.add(entry.messageId);
    }
  }
  return later;
}
