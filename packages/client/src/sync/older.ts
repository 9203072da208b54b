import type { HoldfastError, Message } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { Changes } from '../changes.ts';
import type { SessionPage } from '../contract/transport.ts';
import type { SyncContext } from './context.ts';

// Loaded with the first page of older messages. It imports nothing that the page has already, so that it is one piece
// for every bundler.

/** A page is asked for again when its cursor is no good any more, this often at most. */
const tries = 3;

export interface OlderPorts {
  /** Looked at whenever the model was told something. */
  readonly until: Changes['until'];
  readonly isStopped: () => boolean;
}

/** Puts a page in front; resolves with whether there is more. */
export async function loadOlder<UI_MESSAGE extends UIMessage>(
  { chat: { id }, transport, session, model }: SyncContext<UI_MESSAGE>,
  { until, isStopped }: OlderPorts,
  limit: number | undefined,
): Promise<boolean> {
  /** Reads the session anew; resolves once that is done, or nobody waits for it any more. */
  async function startOver(): Promise<void> {
    const { snapshots } = model;
    session.startOver();
    await until(() => isStopped() || model.snapshots > snapshots);
  }

  for (let left = tries; left > 0; left--) {
    const cursor = model.before;
    if (cursor === null || isStopped()) return false;
    let page: SessionPage;
    try {
      page = await transport.page(id, cursor, limit);
    } catch (error) {
      const { code } = error as HoldfastError;
      // The cursor's message was cut off, or the session is another one.
      if ((code !== 'conflict' && code !== 'bad_request') || isStopped()) throw error;
      if (model.before === cursor) await startOver();
      continue;
    }
    if (isStopped()) return false;
    // Only what is next to the messages that are held closes up with them.
    if (model.before !== cursor) continue;
    model.prepend(page.messages as unknown as readonly Message[], page.before, page.authors);
    return page.before !== null;
  }
  return model.before !== null;
}
