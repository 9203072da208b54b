import { randomUUID } from 'node:crypto';
import { defaultLimits } from '@holdfast/protocol';
import { type Agent, type AgentContext, type Authorize, asOperator } from '@holdfast/server';
import type { UIMessageChunk } from 'ai';
import {
  startServer as serve,
  type TestServer,
  type TestServerOptions,
} from '../../../server/test/support/server.ts';

export type { TestServer };

const byHeader: Authorize = ({ request }) => {
  const operator = request.headers.get('x-operator');
  return operator ? asOperator({ id: operator }) : { id: 'user-1' };
};

/** The real server on a free port, on a log of its own, with the limits that applications have. */
export const startServer = (
  agent: Agent,
  options: Omit<TestServerOptions, 'agent'> = {},
): Promise<TestServer> =>
  serve({
    authorize: byHeader,
    ...options,
    agent,
    limits: { ...defaultLimits, ...options.limits },
  });

type Step = { readonly chunk: UIMessageChunk } | { readonly error: unknown } | null;

/** A run whose chunks a test hands out one by one. */
export class GatedRun {
  readonly context: AgentContext;
  readonly #steps: Step[] = [];
  #wake: () => void = () => {};

  constructor(context: AgentContext) {
    this.context = context;
    context.signal.addEventListener('abort', () => this.#wake());
  }

  emit(...chunks: readonly UIMessageChunk[]): void {
    for (const chunk of chunks) this.#steps.push({ chunk });
    this.#wake();
  }

  end(): void {
    this.#steps.push(null);
    this.#wake();
  }

  fail(error: unknown): void {
    this.#steps.push({ error });
    this.#wake();
  }

  async *chunks(): AsyncGenerator<UIMessageChunk> {
    for (;;) {
      const step = this.#steps.shift();
      if (step === null || (step === undefined && this.context.signal.aborted)) return;
      if (step && 'error' in step) throw step.error;
      if (step) yield step.chunk;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

export interface GatedAgent {
  readonly agent: Agent;
  /** The nth run, from 0, once it was asked for. */
  run(at: number): Promise<GatedRun>;
  readonly started: number;
}

export function gatedAgent(): GatedAgent {
  const runs: GatedRun[] = [];
  const waiting: (() => void)[] = [];
  return {
    agent: (context) => {
      const run = new GatedRun(context);
      runs.push(run);
      for (const wake of waiting.splice(0)) wake();
      return run.chunks();
    },
    run: async (at) => {
      for (;;) {
        const run = runs[at];
        if (run) return run;
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
        });
      }
    },
    get started() {
      return runs.length;
    },
  };
}

export const text = (id: string, ...deltas: readonly string[]): UIMessageChunk[] => [
  { type: 'text-start', id },
  ...deltas.map((delta): UIMessageChunk => ({ type: 'text-delta', id, delta })),
  { type: 'text-end', id },
];

/** A session id that no other test uses. */
export const freshId = (): string => randomUUID();
