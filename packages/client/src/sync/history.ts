import type { UIMessage } from 'ai';
import { createChanges } from '../changes.ts';
import type { SessionNews } from '../contract/session.ts';
import { unable } from '../errors.ts';
import type { SyncContext } from './context.ts';
import type { Show } from './showing.ts';

/** The older messages of a session, and fronts of long texts, which are loaded when they are asked for. */
export interface History {
  readonly isLoading: boolean;
  load(limit?: number): Promise<boolean>;
  /** Loads the texts of a message whole. */
  loadWhole(messageId: string): Promise<void>;
  /**
   * Told whenever the model was, which may be what a load waits for. A snapshot has the addresses of its own files signed
   * anew; those of the messages in front of it follow.
   */
  heard(news: SessionNews): void;
  stop(): void;
}

export function createHistory<UI_MESSAGE extends UIMessage>(
  context: SyncContext<UI_MESSAGE>,
  show: Show<UI_MESSAGE>,
): History {
  const { model, schedule, session } = context;
  const { notify, until } = createChanges();
  let isStopped = false;
  let loading: Promise<boolean> | null = null;

  const ports = { until, isStopped: () => isStopped, show };

  const code = () =>
    import('./older.ts').catch((cause: unknown) => {
      throw unable('unavailable', 'load older messages', { cause });
    });

  const load = async (limit: number | undefined): Promise<boolean> =>
    (await code()).loadOlder(context, ports, limit);

  async function loadWhole(id: string): Promise<void> {
    const whole = await import('./whole.ts').catch((cause: unknown) => {
      throw unable('unavailable', 'load a text', { cause });
    });
    await whole.loadWhole(context, id, { isStopped: () => isStopped, unable });
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
    loadWhole,
    heard: ({ t }) => {
      notify();
      if (t === 'snap' && model.snapshots > 1 && session.query)
        // Where it cannot be had, the next snapshot asks for it again.
        code()
          .then(({ signAnew }) => signAnew(context, ports))
          .catch(session.report);
    },
    stop: () => {
      isStopped = true;
      notify();
    },
  };
}
