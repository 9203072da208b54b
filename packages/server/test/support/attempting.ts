import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { type Chunk, type Entry, origin } from '@holdfast/protocol';
import { onTestFinished } from 'vitest';
import { createCore } from '../../src/compose.ts';
import type { Core } from '../../src/core.ts';
import type { HoldfastOptions } from '../../src/index.ts';
import { Attempt } from '../../src/runs/attempt.ts';
import type { Execution } from '../../src/runs/execution.ts';
import type { SessionHub } from '../../src/session/hub.ts';
import { turn } from './background.ts';
import { entriesIn } from './entries-in.ts';
import { changed } from './logs.ts';
import { type ManualTime, manualTime } from './manual-time.ts';
import { run, session, start } from './writing.ts';

export interface Attempting {
  readonly core: Core;
  readonly hub: SessionHub;
  /** The log without any changes. */
  readonly inner: SessionLog;
  readonly time: ManualTime;
  readonly errors: unknown[];
  /** Begins an attempt of the run that the log has. */
  readonly begin: (execution?: Partial<Execution>) => Attempt;
  readonly entries: () => Promise<readonly Entry[]>;
  /** The chunks of each entry that has some. */
  readonly chunks: () => Promise<readonly (readonly Chunk[])[]>;
}

/** A process whose time goes on when it is told to, on a log that has a run, and what `through` makes of that log. */
export async function attempting(
  { limits, ...options }: Partial<HoldfastOptions> = {},
  through: (log: SessionLog) => Partial<SessionLog> = () => ({}),
): Promise<Attempting> {
  const inner = createMemoryLog();
  await start(inner);
  const time = manualTime();
  const errors: unknown[] = [];
  const core = createCore(
    {
      log: changed(inner, through(inner)),
      authorize: () => ({ id: 'u' }),
      onError: (error) => errors.push(error),
      limits: { lingerMs: 0, ...limits },
      ...options,
    },
    time.environment,
  );
  onTestFinished(() => core.close());
  const share = await core.hubs.acquire(session);
  const { hub } = share;
  onTestFinished(() => share.release());
  const begin = (execution: Partial<Execution> = {}) => {
    const attempt = new Attempt(core, hub, {
      ...{ session, run, attempt: 1, messageId: 'm', agentName: 'a', agent: undefined },
      ...{ participant: { id: 'u' }, request: null, trigger: 'submit-message', through: origin },
      messages: async () => null,
      restart: async () => false,
      ...execution,
    });
    onTestFinished(() => attempt.close());
    return attempt;
  };
  const entries = () => entriesIn(inner, session);
  const chunks = async () =>
    (await entries()).flatMap((entry) => (entry.k === 'chunks' ? [entry.c] : []));
  return { core, hub, inner, time, errors, begin, entries, chunks };
}

interface Handed {
  readonly source: AsyncIterable<unknown>;
  /** How often it was asked for a value. */
  readonly asked: number;
  /** How often it was left before its end. */
  readonly left: number;
  readonly say: (...values: readonly unknown[]) => Promise<void>;
  readonly end: () => Promise<void>;
}

/** A stream in a test's hands; `leave` is what it makes of being left. */
export function handed(leave: () => Promise<unknown> = async () => {}): Handed {
  const results: IteratorResult<unknown>[] = [];
  const waiting: ((result: IteratorResult<unknown>) => void)[] = [];
  let [asked, left] = [0, 0];
  const give = async (...more: readonly IteratorResult<unknown>[]) => {
    for (const result of more) {
      const next = waiting.shift();
      if (next) next(result);
      else results.push(result);
    }
    // What is read in one turn is written in the next.
    await turn();
    await turn();
  };
  const iterator: AsyncIterator<unknown> = {
    next: () => {
      asked++;
      const result = results.shift();
      return result ? Promise.resolve(result) : new Promise((resolve) => waiting.push(resolve));
    },
    return: async () => {
      left++;
      await leave();
      return { done: true, value: undefined };
    },
  };
  return {
    source: { [Symbol.asyncIterator]: () => iterator },
    get asked() {
      return asked;
    },
    get left() {
      return left;
    },
    say: (...values) => give(...values.map((value) => ({ done: false as const, value }))),
    end: () => give({ done: true, value: undefined }),
  };
}
