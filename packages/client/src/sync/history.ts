import { HoldfastError, type Message } from '@holdfast/protocol';
import type { SessionPage } from '../contract/transport.ts';
import type { SessionModel } from './session-model.ts';

/** A page is asked for again when its cursor is no good any more, this often at most. */
const tries = 3;

/** The older messages of a session, which are loaded when they are asked for. */
export interface History {
  readonly isLoading: boolean;
  load(limit?: number): Promise<boolean>;
}

export interface HistoryOptions {
  readonly model: SessionModel;
  readonly fetch: (before: string, limit?: number) => Promise<SessionPage>;
  /** Reads the session anew; resolves once that is done, or nobody waits for it any more. */
  readonly startOver: () => Promise<void>;
  readonly isStopped: () => boolean;
  readonly changed: () => void;
}

export function createHistory(options: HistoryOptions): History {
  const { model, isStopped, changed } = options;
  let loading: Promise<boolean> | null = null;

  async function load(limit: number | undefined): Promise<boolean> {
    for (let left = tries; left > 0; left--) {
      const cursor = model.before;
      if (cursor === null || isStopped()) return false;
      let page: SessionPage;
      try {
        page = await options.fetch(cursor, limit);
      } catch (error) {
        const isGone =
          HoldfastError.is(error) && (error.code === 'conflict' || error.code === 'bad_request');
        // The cursor's message was cut off, or the session is another one.
        if (!isGone || isStopped()) throw error;
        if (model.before === cursor) await options.startOver();
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

  return {
    get isLoading() {
      return loading !== null;
    },
    load: (limit) => {
      if (loading !== null) return loading;
      if (model.before === null || isStopped()) return Promise.resolve(false);
      loading = load(limit).finally(() => {
        loading = null;
        changed();
      });
      changed();
      return loading;
    },
  };
}
