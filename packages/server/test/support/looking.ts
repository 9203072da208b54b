import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { HoldfastError } from '@holdfast/protocol';
import { expect, onTestFinished } from 'vitest';
import { createCore } from '../../src/compose.ts';
import type { Core } from '../../src/core.ts';
import type { HoldfastOptions } from '../../src/index.ts';
import { turn } from './background.ts';
import { changed } from './logs.ts';
import { type ManualTime, manualTime } from './manual-time.ts';
import { userMessage } from './server.ts';

export const session = 's';

/** How often a process looks around. */
export const lookMs = 5_000;

/** What the background itself asks a log; feeds read it by themselves. */
const asked = ['due', 'dismiss', 'remind', 'suspect', 'reap', 'claim', 'renew', 'append'] as const;
type Asked = (typeof asked)[number];

interface Looking {
  readonly core: Core;
  /** The log without any of this. */
  readonly inner: SessionLog;
  /** The log's time. */
  readonly clock: { now: number };
  readonly time: ManualTime;
  /** What the log was asked. */
  readonly calls: (readonly [name: Asked, ...given: unknown[]])[];
  readonly errors: unknown[];
  /** Has the log refuse the next call but so many. */
  readonly refuse: (at: number) => void;
  /** Resolves when all that was begun is done: also what the log was asked. */
  readonly settled: () => Promise<void>;
  readonly lookAround: () => Promise<void>;
}

/** A process that looks around when it is told to, on a log that is slow, and that may refuse a call. */
export function lookingProcess({ limits, ...options }: HoldfastOptions): Looking {
  const clock = { now: 0 };
  const inner = createMemoryLog({ now: () => clock.now });
  const calls: [Asked, ...unknown[]][] = [];
  let refused = -1;
  let underWay = 0;
  const slow = Object.fromEntries(
    asked.map((name) => [
      name,
      async (...given: never[]) => {
        const isRefused = calls.push([name, ...given]) - 1 === refused;
        underWay++;
        await turn();
        underWay--;
        if (isRefused) throw new HoldfastError('unavailable', 'unable to ask: the log is away');
        return await (inner[name] as (...given: never[]) => Promise<unknown>).apply(inner, given);
      },
    ]),
  );
  const log = changed(inner, slow as Partial<SessionLog>);
  const errors: unknown[] = [];
  const time = manualTime();
  const core = createCore(
    {
      log,
      authorize: () => ({ id: 'u' }),
      onError: (error) => errors.push(error),
      limits: { lingerMs: 0, ...limits },
      ...options,
    },
    { ...time.environment, wait: async () => void (await turn()) },
  );
  onTestFinished(() => core.close());
  const settled = async () => {
    do {
      await turn();
      // What a run writes is put together for a few milliseconds.
      if (core.runs.size > 0) time.pass(1);
    } while (core.tasks() + core.runs.size > 0);
    // A renewal of the lease may have been under way when its run ended.
    await turn();
    expect(underWay).toBe(0);
  };
  const lookAround = async () => {
    clock.now += lookMs;
    time.pass(lookMs);
    await settled();
  };
  const refuse = (at: number) => {
    calls.length = 0;
    refused = at;
  };
  return { core, inner, clock, time, calls, errors, refuse, settled, lookAround };
}

let nonce = 0;
const note = (entry: object) => ({ nonce: ++nonce, body: JSON.stringify({ at: 0, ...entry }) });

/** A run as a process leaves it that has died. */
export async function leave(log: SessionLog, info: object = {}): Promise<void> {
  const start = { run: 'r', attempt: 1, agent: 'agent', messageId: 'a', command: 'c' };
  await log.send(session, {
    command: 'c',
    entries: [
      note({ k: 'message', message: userMessage('m', 'hi') }),
      note({ k: 'run-start', ...start }),
    ],
    run: {
      run: 'r',
      info: JSON.stringify({ messageId: 'a', agent: 'agent', command: 'c', ...info }),
      kept: JSON.stringify({ participant: { id: 'u' }, trigger: 'submit-message' }),
      leaseMs: 1,
      stopped: note({}),
    },
  });
  await log.remind('runs', session, 0);
}

/** A send that waits for its turn. */
export async function queue(log: SessionLog): Promise<void> {
  const hidden = { agent: 'agent', participant: { id: 'u' } };
  const add = { id: 'q', messages: [userMessage('m', 'hi')], at: 0, hidden };
  await log.send(session, {
    command: 'q0',
    entries: [note({ k: 'queue', order: ['q'], add })],
  });
  await log.remind('queue', session, 0);
}

/** An answer that waits for an approval. */
export async function ask(log: SessionLog): Promise<void> {
  await leave(log);
  const asking = [
    { type: 'start' },
    { type: 'tool-input-available', toolCallId: 't', toolName: 'tool', input: {} },
    { type: 'tool-approval-request', approvalId: 'p', toolCallId: 't' },
  ];
  const of = { run: 'r', attempt: 1 };
  await log.append(session, { ...of, seq: 1, entry: note({ k: 'chunks', ...of, c: asking }) });
  const end = { outcome: 'finished' } as const;
  await log.append(session, {
    ...{ ...of, seq: 2, end },
    entry: note({ k: 'run-end', ...of, ...end, messageId: 'a' }),
  });
  await log.remind('approvals', session, 0);
}
