import { HoldfastError, type Message } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import { createChanges } from '../changes.ts';
import type { SessionPage } from '../contract/transport.ts';
import type { SyncContext } from './context.ts';

/** A page is asked for again when its cursor is no good any more, this often at most. */
const tries = 3;

/** The older messages of a session, which are loaded when they are asked for. */
export interface History {
  readonly isLoading: boolean;
  load(limit?: number): Promise<boolean>;
  /** Told whenever the model was, which may be what a load waits for. */
  heard(): void;
  stop(): void;
}

export function createHistory<UI_MESSAGE extends UIMessage>({
  chat: { id },
  transport,
  session,
  model,
  schedule,
}: SyncContext<UI_MESSAGE>): History {
  const { notify, until } = createChanges();
  let isStopped = false;
  let loading: Promise<boolean> | null = null;

  /** Reads the session anew; resolves once that is done, or nobody waits for it any more. */
  async function startOver(): Promise<void> {
    const { snapshots } = model;
    session.startOver();
    await until(() => isStopped || model.snapshots > snapshots);
  }

  async function load(limit: number | undefined): Promise<boolean> {
    for (let left = tries; left > 0; left--) {
      const cursor = model.before;
      if (cursor === null || isStopped) return false;
      let page: SessionPage;
      try {
        page = await transport.page(id, cursor, limit);
      } catch (error) {
        const isGone =
          HoldfastError.is(error) && (error.code === 'conflict' || error.code === 'bad_request');
        // The cursor's message was cut off, or the session is another one.
        if (!isGone || isStopped) throw error;
        if (model.before === cursor) await startOver();
        continue;
      }
      if (isStopped) return false;
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
      if (model.before === null || isStopped) return Promise.resolve(false);
      loading = load(limit).finally(() => {
        loading = null;
        schedule();
      });
      schedule();
      return loading;
    },
    heard: notify,
    stop: () => {
      isStopped = true;
      notify();
    },
  };
}
