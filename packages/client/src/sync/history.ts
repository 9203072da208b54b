import type { UIMessage } from 'ai';
import { createChanges } from '../changes.ts';
import { unable } from '../errors.ts';
import type { SyncContext } from './context.ts';

/** The older messages of a session, which are loaded when they are asked for. */
export interface History {
  readonly isLoading: boolean;
  load(limit?: number): Promise<boolean>;
  /** Told whenever the model was, which may be what a load waits for. */
  heard(): void;
  stop(): void;
}

export function createHistory<UI_MESSAGE extends UIMessage>(
  context: SyncContext<UI_MESSAGE>,
): History {
  const { model, schedule } = context;
  const { notify, until } = createChanges();
  let isStopped = false;
  let loading: Promise<boolean> | null = null;

  async function load(limit: number | undefined): Promise<boolean> {
    const { loadOlder } = await import('./older.ts').catch((cause: unknown) => {
      throw unable('unavailable', 'load older messages', { cause });
    });
    return await loadOlder(context, { until, isStopped: () => isStopped }, limit);
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
