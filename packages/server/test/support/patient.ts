import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { onTestFinished } from 'vitest';
import { createCore } from '../../src/compose.ts';
import type { Core } from '../../src/core.ts';
import type { HoldfastOptions } from '../../src/index.ts';
import { turn } from './background.ts';
import { changed } from './logs.ts';
import { session, standing } from './writing.ts';

interface Patient {
  readonly core: Core;
  /** The log without any changes. */
  readonly inner: SessionLog;
  readonly environment: ReturnType<typeof standing>;
}

/** A process whose time goes on only where somebody waits, on a log that is what `through` makes of it. */
export function patient(
  through: (log: SessionLog) => Partial<SessionLog> = () => ({}),
  options: HoldfastOptions = {},
): Patient {
  const inner = createMemoryLog();
  const time = standing();
  const wait = async (ms: number) => {
    await time.wait(ms);
    // What comes at once comes before what is waited for.
    await turn();
  };
  const environment = { ...time, wait };
  const core = createCore(
    {
      log: changed(inner, through(inner)),
      authorize: () => ({ id: 'u' }),
      onError: () => {},
      ...options,
    },
    environment,
  );
  onTestFinished(() => core.close());
  return { core, inner, environment };
}

let nonce = 0;
const note = (entry: object) => ({ nonce: ++nonce, body: JSON.stringify({ at: 0, ...entry }) });

interface Begun {
  readonly run: string;
  /** The run on whose behalf it works. */
  readonly parent?: string;
  /** Nobody has taken it yet: it waits for a worker. */
  readonly by?: 'worker';
  /** It has written nothing yet. */
  readonly isSilent?: boolean;
}

/** A live run that has called a tool, in a message of its own. */
export async function beginRun(
  log: SessionLog,
  { run, parent, by, isSilent = by !== undefined }: Begun,
): Promise<void> {
  const of = { run, attempt: 1 };
  const messageId = `m-${run}`;
  const start = { k: 'run-start', ...of, agent: 'a', messageId, command: `c-${run}`, parent };
  await log.send(session, {
    command: `c-${run}`,
    entries: [note(start)],
    run: {
      run,
      info: JSON.stringify({ messageId, agent: 'a', by }),
      leaseMs: 600_000,
      stopped: note({ k: 'run-end', ...of, outcome: 'stopped', messageId }),
    },
  });
  if (by) await log.renew(session, { ...of, leaseMs: 0 });
  if (isSilent) return;
  const call = { type: 'tool-input-available', toolCallId: 'c', toolName: 't', input: {} };
  const c = [{ type: 'start' }, call];
  await log.append(session, { ...of, seq: 1, entry: note({ k: 'chunks', ...of, c }) });
}

/** The end of such a run, by whoever worked on it. */
export const endRun = (log: SessionLog, run: string): Promise<unknown> => {
  const of = { run, attempt: 1, outcome: 'finished' } as const;
  const end = { k: 'run-end', ...of, messageId: `m-${run}` };
  return log.append(session, { ...of, seq: 2, entry: note(end), end: { outcome: of.outcome } });
};
