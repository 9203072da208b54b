import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { defaultLimits, type Limits } from '@holdfast/protocol';
import {
  type Agent,
  type AgentContext,
  type Authorize,
  asOperator,
  createHoldfast,
  type Holdfast,
} from '@holdfast/server';
import { toNodeHandler } from '@holdfast/server/node';
import type { UIMessageChunk } from 'ai';

export interface TestServer extends AsyncDisposable {
  readonly api: string;
  readonly holdfast: Holdfast;
  readonly http: Server;
  readonly errors: unknown[];
}

const byHeader: Authorize = ({ request }) => {
  const operator = request.headers.get('x-operator');
  return operator ? asOperator({ id: operator }) : { id: 'user-1' };
};

/** The real server on a free port, on a log of its own. */
export async function startServer(
  agent: Agent,
  options: {
    readonly limits?: Partial<Limits>;
    readonly log?: SessionLog;
    readonly authorize?: Authorize;
  } = {},
): Promise<TestServer> {
  const errors: unknown[] = [];
  const limits = { ...defaultLimits, ...options.limits };
  const holdfast = createHoldfast({
    log: options.log ?? createMemoryLog({ limits }),
    authorize: options.authorize ?? byHeader,
    onError: (error) => errors.push(error),
    limits,
  });
  const handle = toNodeHandler(holdfast, { agent });
  const http = createServer((incoming, outgoing) => {
    void handle(incoming, outgoing).then((handled) => {
      if (!handled) outgoing.writeHead(404).end();
    });
  });
  holdfast.attach(http);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    api: `http://127.0.0.1:${port}/api/chat`,
    holdfast,
    http,
    errors,
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections();
      await holdfast.close({ runsMs: 0 });
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

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
