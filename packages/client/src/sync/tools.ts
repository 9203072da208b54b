import { callsOf, chunksOfItem } from '@holdfast/protocol/projection';
import type { UIMessage } from 'ai';
import { networkError } from '../errors.ts';
import type { SyncContext } from './context.ts';
import { isBusy } from './streams.ts';
import type { ToolCalls } from './tool-calls.ts';
import { answers, hasOpenCalls } from './tool-parts.ts';
import type { ToolPorts } from './tool-ports.ts';

/** What is loaded for calls is asked for again this late, in ms, and so often at most. */
const retryMs = 5_000;
const most = 20;

/** The tool calls of a session that clients execute or answer. What does that is loaded with the first of them. */
export interface Tools {
  look(): void;
  stop(): void;
}

export function createTools<UI_MESSAGE extends UIMessage>(
  context: SyncContext<UI_MESSAGE>,
  toolsNow: ToolPorts['toolsNow'],
): Tools {
  const { chat, model, port, session, environment, schedule } = context;
  let calls: ToolCalls | undefined;
  let isStopped = false;
  let isLoading = false;
  let tries = 0;

  /** True where clients have answered, or may have to. A call of a live run is its server's, as far as is known. */
  const isNeeded = (): boolean =>
    [...model.projection.items].some((item) => {
      if (item.kind !== 'assistant') return false;
      if (item.segments.some(({ run }) => run === null)) return true;
      const { open } = callsOf(chunksOfItem(item));
      const isClients = model.liveRuns.length === 0 || toolsNow() !== undefined;
      const isOf = (message: UIMessage): boolean => message.id === item.id;
      return (
        open.size > 0 &&
        (isClients || port.read().some((each) => isOf(each) && answers(each, open)))
      );
    });

  async function load(): Promise<void> {
    isLoading = true;
    try {
      const { createToolCalls } = await import('./tool-calls.ts');
      const ports = { toolsNow, hasOpenCalls, isBusy: () => isBusy(chat) };
      if (!isStopped) calls = createToolCalls(context, ports);
    } catch (error) {
      session.report(networkError(error));
      if (++tries === most) return;
      await new Promise<void>((resolve) => void environment.after(retryMs, resolve));
    }
    isLoading = false;
    schedule();
  }

  return {
    look: () => {
      if (calls) calls.look();
      else if (!isLoading && !isStopped && isNeeded()) void load();
    },
    stop: () => {
      isStopped = true;
      calls?.stop();
    },
  };
}
