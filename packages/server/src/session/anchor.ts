import { isShown } from './fold-message.ts';
import type { SessionView } from './view.ts';

/**
 * The last message, up to one that the view holds, that all readers have; null where none has. One that shows nothing,
 * and into which nobody writes any more, is in no snapshot: who has one of these would not know what to keep.
 */
export async function anchorOf(view: SessionView, after: string): Promise<string | null> {
  const { projection } = view;
  const live = new Set(projection.liveRuns.map(({ messageId }) => messageId));
  let place = view.start + [...projection.items].findIndex(({ id }) => id === after);
  for (; place >= 0; place--)
    for (const { message } of await view.messages(place, place + 1))
      if (live.has(message.id) || isShown(message)) return message.id;
  return null;
}
