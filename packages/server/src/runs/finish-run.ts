import { type Chunk, HoldfastError, type Outcome } from '@holdfast/protocol';
import type { AgentPump, Reading } from './agent-pump.ts';
import type { Attempt } from './attempt.ts';
import { Batch } from './batch.ts';
import { cutOffEnding } from './cut-off.ts';
import { keepLast } from './keep-chunks.ts';
import { remindOfHooks } from './remind.ts';

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
    reason = reading.reason ?? (HoldfastError.is(reading.error) ? reading.error.code : undefined);
    if (!pump.sawError) {
      last.push(...(await cutOffEnding(attempt, 'failed')));
      last.push({ type: 'error', errorText: core.errorText(reading.error) });
    }
  }
  await Promise.all([writeLast(attempt, last), remindOfHooks(core, session)]);
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
  const { session, run, attempt } = execution;
  const batch = new Batch(core.limits.entryBytes);
  for (const chunk of await keepLast(core, session, chunks, core.limits.retryForMs))
    batch.push(chunk);
  while (!batch.empty) {
    const c = batch.take();
    await writer.write({ k: 'chunks', run, attempt, c }).catch((error: unknown) => {
      if (!HoldfastError.is(error) || error.code !== 'too_large') throw error;
    });
  }
}
