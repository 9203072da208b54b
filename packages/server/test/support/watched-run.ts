import { type AppendCommand, createMemoryLog, type SessionLog } from '@holdfast/log';
import type { Chunk, Entry } from '@holdfast/protocol';
import type { UIMessageChunk } from 'ai';
import { vi } from 'vitest';
import { type AgentContext, createHoldfast, type HoldfastOptions } from '../../src/index.ts';
import { entriesIn } from './entries-in.ts';
import { changed } from './logs.ts';
import { userMessage } from './server.ts';

interface Watched extends AsyncDisposable {
  readonly log: SessionLog;
  readonly appends: AppendCommand[];
  /** Most appends that were under way at once. */
  readonly inFlight: () => number;
  start(agent: (context: AgentContext) => unknown): Promise<string>;
  entries(): Promise<readonly Entry[]>;
  ended(): Promise<Entry & { k: 'run-end' }>;
}

/** Holdfast on a real memory log whose appends a test may hold up or fail. */
export function watch(
  before: (append: AppendCommand, count: number) => Promise<void> | void = () => {},
  options: Partial<HoldfastOptions> & { after?: (count: number) => void } = {},
): Watched {
  const memory = createMemoryLog();
  const appends: AppendCommand[] = [];
  let flying = 0;
  let most = 0;
  const log = changed(memory, {
    append: async (session, append) => {
      appends.push(append);
      most = Math.max(most, ++flying);
      try {
        await before(append, appends.length);
        const outcome = await memory.append(session, append);
        options.after?.(appends.length);
        return outcome;
      } finally {
        flying--;
      }
    },
  });
  const holdfast = createHoldfast({
    log,
    authorize: () => ({ id: 'ann' }),
    onError: () => {},
    ...options,
  });
  const entries = () => entriesIn(memory, 's1');
  return {
    log: memory,
    appends,
    inFlight: () => most,
    start: async (agent) => {
      const body = {
        id: 's1',
        command: 'm1',
        trigger: 'submit-message',
        message: userMessage('m1', 'Hi'),
      };
      const response = await holdfast.handle(
        new Request('http://localhost/api/chat', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
        { agent: agent as never, path: [] },
      );
      const { run } = (await response.json()) as { run: string };
      return run;
    },
    entries,
    ended: () =>
      vi.waitFor(
        async () => {
          const end = (await entries()).find((entry) => entry.k === 'run-end');
          if (!end) throw new Error('the run has not ended');
          return end as Entry & { k: 'run-end' };
        },
        { timeout: 20_000 },
      ),
    [Symbol.asyncDispose]: () => holdfast.close({ runsMs: 0 }),
  };
}

export const chunksOf = (entries: readonly Entry[]): Chunk[] =>
  entries.flatMap((entry) => (entry.k === 'chunks' ? [...entry.c] : []));
export const textOf = (entries: readonly Entry[]): string =>
  chunksOf(entries)
    .map((chunk) => chunk.delta ?? '')
    .join('');

export const delta = (n: number): UIMessageChunk => ({
  type: 'text-delta',
  id: `t${n}`,
  delta: 'x'.repeat(200),
});
