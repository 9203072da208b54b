import type { UIMessage } from 'ai';
import { createAnswering } from './answering.ts';
import { createToolRunner } from './client-tools.ts';
import type { SyncContext } from './context.ts';
import type { ToolPorts } from './tool-ports.ts';

/** Answers calls and executes them. */
export interface ToolCalls {
  look(): void;
  stop(): void;
}

export function createToolCalls<UI_MESSAGE extends UIMessage>(
  context: SyncContext<UI_MESSAGE>,
  ports: ToolPorts,
): ToolCalls {
  const answering = createAnswering(context, ports);
  const runner = createToolRunner(context, ports.toolsNow, answering.give);
  return {
    look: () => {
      answering.look();
      runner.look();
    },
    stop: () => {
      answering.stop();
      runner.stop();
    },
  };
}
