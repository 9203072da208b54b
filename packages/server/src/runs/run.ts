import { type Chunk, HoldfastError, type Outcome } from '@holdfast/protocol';
import type { Core } from '../core.ts';
import type { SessionHub } from '../session/hub.ts';
import { createAgentCall } from './agent-call.ts';
import { AgentPump, type Reading } from './agent-pump.ts';
import { Attempt } from './attempt.ts';
import { Batch, batchShare } from './batch.ts';
import { cutOffEnding } from './cut-off.ts';
import type { Execution } from './execution.ts';

/**
 * Runs an agent to its end and writes what it produces into the log. Never rejects: whatever
 * happens ends in one `run-end`, unless another attempt took over or the log stayed away, which is
 * reported. Resolves with how it ended when that is written, and with null where it was not.
 */
export async function executeRun(
  core: Core,
  hub: SessionHub,
  execution: Execution,
): Promise<Outcome | null> {
  const { session, run, start } = execution;
  const call = createAgentCall(core, hub, execution);
  const attempt = new Attempt(core, hub, execution);
  try {
    if (start && (await attempt.writer.write(start)) !== 'written') throw attempt.fencedError();
    const pump = new AgentPump(attempt);
    const reading = await pump.read(call.source);
    if (attempt.lost.aborted) throw attempt.fencedError();
    return await finishRun(attempt, reading, pump);
  } catch (error) {
    core.report(error, { session, run });
    return null;
  } finally {
    attempt.close();
    call.stop();
  }
}

/** Writes how the run ended. Rejects with `conflict` when it is not this attempt's any more. */
export async function finishRun(
  attempt: Attempt,
  reading: Reading,
  pump: Pick<AgentPump, 'sawError' | 'abort'>,
): Promise<Outcome> {
  const { core, execution, writer } = attempt;
  const { session, run, messageId } = execution;
  const last: Chunk[] = [];
  let outcome: Outcome = pump.sawError ? 'failed' : 'finished';
  let reason: string | undefined;
  if (reading.kind === 'stopped') {
    outcome = 'stopped';
    last.push(...(await cutOffEnding(attempt, 'stopped')), pump.abort ?? { type: 'abort' });
  } else if (reading.kind === 'failed') {
    core.report(reading.error, { session, run });
    outcome = 'failed';
    reason = HoldfastError.is(reading.error) ? reading.error.code : undefined;
    if (!pump.sawError) {
      last.push(...(await cutOffEnding(attempt, 'failed')));
      last.push({ type: 'error', errorText: core.errorText(reading.error) });
    }
  }
  await writeLast(attempt, last);
  const why = reason === undefined ? {} : { reason };
  const at = core.environment.date();
  const written = await writer.write(
    { k: 'run-end', run, attempt: execution.attempt, outcome, messageId, ...why, at },
    { outcome },
  );
  if (written !== 'written') throw attempt.fencedError();
  return outcome;
}

/** A full log still takes the end of the run, so what does not fit is left out. */
export async function writeLast(
  { core, execution, writer }: Attempt,
  chunks: readonly Chunk[],
): Promise<void> {
  const { run, attempt } = execution;
  const batch = new Batch();
  for (const chunk of chunks) batch.push(chunk);
  while (!batch.empty) {
    const c = batch.take(core.limits.entryBytes / batchShare);
    await writer.write({ k: 'chunks', run, attempt, c }).catch((error: unknown) => {
      if (!HoldfastError.is(error) || error.code !== 'too_large') throw error;
    });
  }
}
