import type { SessionLog } from '@holdfast/log';
import {
  type Chunk,
  HoldfastError,
  type Limits,
  type Outcome,
  type RunStartEntry,
} from '@holdfast/protocol';
import type { Report } from '../contract/options.ts';
import type { Environment } from '../environment.ts';
import type { SessionHub } from '../session/hub.ts';
import type { Aftermath } from './aftermath.ts';
import { AgentPump, type Reading } from './agent-pump.ts';
import { Attempt } from './attempt.ts';
import { Batch, batchShare } from './batch.ts';
import { cutOffEnding } from './cut-off.ts';
import type { LiveAttempts } from './live-attempts.ts';
import type { RunWriter } from './writer.ts';

export interface RunOptions {
  readonly log: SessionLog;
  readonly hub: SessionHub;
  readonly attempts: LiveAttempts;
  readonly aftermath: Aftermath;
  readonly session: string;
  readonly run: string;
  readonly attempt: number;
  readonly messageId: string;
  readonly limits: Limits;
  readonly environment: Environment;
  readonly report: Report;
  /** The text for users when the agent failed. */
  readonly errorText: (error: unknown) => string;
  readonly restart: () => Promise<boolean>;
  /** As in `LeaseOptions`. */
  readonly isEngines?: boolean;
  /** Of an attempt that takes over: what it begins with. */
  readonly start?: RunStartEntry;
  /** Told of the bytes of each entry that the log has taken. */
  readonly onWritten: (bytes: number) => void;
  /** Starts the agent; its chunks are the run. */
  readonly source: (signal: AbortSignal) => Promise<AsyncIterable<unknown>>;
}

/**
 * Runs an agent to its end and writes what it produces into the log. Never rejects: whatever
 * happens ends in one `run-end`, unless another attempt took over or the log stayed away, which is
 * reported. Resolves with how it ended when that is written, and with null where it was not.
 */
export async function executeRun(options: RunOptions): Promise<Outcome | null> {
  const held = new Attempt(options);
  try {
    if (options.start && (await held.writer.write(options.start)) !== 'written')
      throw held.fencedError();
    const pump = new AgentPump(options, held);
    const reading = await pump.read();
    if (held.lost.aborted) throw held.fencedError();
    return await finishRun(options, held, reading, pump);
  } catch (error) {
    options.report(error, { session: options.session, run: options.run });
    return null;
  } finally {
    held.close();
  }
}

/** Writes how the run ended. Rejects with `conflict` when it is not this attempt's any more. */
export async function finishRun(
  options: Omit<RunOptions, 'source'>,
  held: Attempt,
  reading: Reading,
  pump: Pick<AgentPump, 'sawError' | 'abort'>,
): Promise<Outcome> {
  const { writer } = held;
  const { run, attempt, environment } = options;
  const last: Chunk[] = [];
  let outcome: Outcome = pump.sawError ? 'failed' : 'finished';
  let reason: string | undefined;
  if (reading.kind === 'stopped') {
    outcome = 'stopped';
    last.push(...(await cutOffEnding(options, 'stopped')), pump.abort ?? { type: 'abort' });
  } else if (reading.kind === 'failed') {
    options.report(reading.error, { session: options.session, run });
    outcome = 'failed';
    reason = HoldfastError.is(reading.error) ? reading.error.code : undefined;
    if (!pump.sawError) {
      last.push(...(await cutOffEnding(options, 'failed')));
      last.push({ type: 'error', errorText: options.errorText(reading.error) });
    }
  }
  await writeLast(options, writer, last);
  const written = await writer.write(
    {
      k: 'run-end',
      run,
      attempt,
      outcome,
      messageId: options.messageId,
      ...(reason === undefined ? {} : { reason }),
      at: environment.date(),
    },
    { outcome },
  );
  if (written !== 'written') throw held.fencedError();
  return outcome;
}

/** A full log still takes the end of the run, so what does not fit is left out. */
export async function writeLast(
  { run, attempt, limits }: Pick<RunOptions, 'run' | 'attempt' | 'limits'>,
  writer: RunWriter,
  chunks: readonly Chunk[],
): Promise<void> {
  const batch = new Batch();
  for (const chunk of chunks) batch.push(chunk);
  while (!batch.empty) {
    const c = batch.take(limits.entryBytes / batchShare);
    await writer.write({ k: 'chunks', run, attempt, c }).catch((error: unknown) => {
      if (!HoldfastError.is(error) || error.code !== 'too_large') throw error;
    });
  }
}
