import type { UIMessageChunk } from 'ai';
import type { Agent, AgentContext } from '../../src/index.ts';

/** An agent whose chunks a test hands out one by one. */
export interface GatedAgent {
  readonly agent: Agent;
  /** Every context that the agent was called with. */
  readonly calls: AgentContext[];
  /** How many steps the run has not taken yet. */
  readonly pending: number;
  emit(...chunks: UIMessageChunk[]): void;
  end(): void;
  fail(error: unknown): void;
}

type Step = { chunk: UIMessageChunk } | { end: true } | { error: unknown };

export function gatedAgent(): GatedAgent {
  const calls: AgentContext[] = [];
  const steps: Step[] = [];
  let wake = () => {};
  const add = (step: Step) => {
    steps.push(step);
    wake();
  };
  async function* chunks(signal: AbortSignal): AsyncGenerator<UIMessageChunk> {
    signal.addEventListener('abort', () => wake());
    for (;;) {
      const step = steps.shift();
      if (step && 'chunk' in step) yield step.chunk;
      else if (step && 'error' in step) throw step.error;
      else if (step || signal.aborted) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }
  return {
    agent: (context) => {
      calls.push(context);
      return chunks(context.signal);
    },
    calls,
    get pending() {
      return steps.length;
    },
    emit: (...list) => {
      for (const chunk of list) add({ chunk });
    },
    end: () => add({ end: true }),
    fail: (error) => add({ error }),
  };
}

/** The chunks of a short answer. */
export const answer = (text: string, id = 't'): UIMessageChunk[] => [
  { type: 'start' },
  { type: 'text-start', id },
  ...[...text].map((delta): UIMessageChunk => ({ type: 'text-delta', id, delta })),
  { type: 'text-end', id },
  { type: 'finish' },
];

/** An agent that gives the same chunks each time. */
export const replying =
  (...chunks: UIMessageChunk[]): Agent =>
  async () =>
    (async function* () {
      yield* chunks;
    })();

/** An agent that says the same each time. */
export const saying = (text: string): Agent => replying(...answer(text));
