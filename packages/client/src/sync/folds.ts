import type { Message } from '@holdfast/protocol';
import {
  type AssistantItem,
  chunksOfItem,
  type ProjectedItem,
  shownOf,
} from '@holdfast/protocol/projection';
import type { UIMessage } from 'ai';
import { createFolding, type Folding } from './folding.ts';

/** The messages of a session, folded once and then as they grow. */
export interface Folds<UI_MESSAGE extends UIMessage> {
  /** The message of an item as it is now; null while that is being found out. */
  of(item: ProjectedItem, isLive: boolean): UI_MESSAGE | null;
  /** Forgets all others. */
  keep(ids: ReadonlySet<string>): void;
}

interface Folded<UI_MESSAGE extends UIMessage> {
  readonly item: AssistantItem;
  readonly version: number;
  readonly folding: Folding<UI_MESSAGE>;
  /** The message that was shown before the folding began anew. */
  readonly before: UI_MESSAGE | null;
}

export function createFolds<UI_MESSAGE extends UIMessage>(changed: () => void): Folds<UI_MESSAGE> {
  const all = new Map<string, Folded<UI_MESSAGE>>();

  function advance(item: AssistantItem): Folded<UI_MESSAGE> {
    const { id, version } = item;
    const known = all.get(id);
    if (known?.item === item && known.version === version) return known;
    const chunks = shownOf(chunksOfItem(item));
    let next: Folded<UI_MESSAGE>;
    if (known?.folding.grow(chunks)) next = { ...known, item, version };
    else {
      known?.folding.close();
      const before = known?.folding.message ?? known?.before ?? null;
      next = { item, version, folding: createFolding(id, changed), before };
      next.folding.grow(chunks);
    }
    all.set(id, next);
    return next;
  }

  return {
    of: (item, isLive) => {
      if (item.kind === 'message') return item.message as Message as unknown as UI_MESSAGE;
      const { folding, before } = advance(item);
      if (!isLive) folding.close();
      // A run that is over is shown when it is complete: what was there until then is nearer to it.
      return (isLive || !folding.isBusy ? folding.message : null) ?? before;
    },
    keep: (ids) => {
      for (const [id, { folding }] of all) {
        if (ids.has(id)) continue;
        folding.close();
        all.delete(id);
      }
    },
  };
}
