import type { AppendOutcome, Durability } from '@holdfast/log';
import type { Core } from '../core.ts';
import { RunTail, type Written } from '../runs/tail.ts';
import { endOfTurn } from '../runs/turns.ts';
import { repeated, type WrittenRun } from './state.ts';

/** Which entry of which run, and what it has to survive where that is more than all writes do. */
export interface NumberedEntry extends WrittenRun {
  readonly seq: number;
  readonly durability?: Durability | undefined;
}

/**
 * Appends an entry of a writer's run, and keeps it with the last ones that came by this process, at most
 * `runBufferBytes`. Rejects with the log's error.
 */
export async function takeEntry(
  core: Core,
  session: string,
  { run, attempt, agent, seq, durability }: NumberedEntry,
  { entry, end }: Pick<Written, 'entry' | 'end'>,
): Promise<AppendOutcome> {
  const append = (written: Written) =>
    repeated(core, () =>
      core.log.append(session, {
        ...{ run, attempt, ...written },
        ...(durability && { durability }),
      }),
    );
  const written = { seq, entry, ...(end && { end }) };
  // What comes in one turn of the event loop, by several requests, is one command of the log.
  await endOfTurn();
  const outcome = await append(written);
  // Its end was written by another process, or its session was erased.
  if (outcome.kind === 'closed') core.writtenRuns.ended(session, { run, agent });
  if (outcome.kind === 'appended' || (outcome.kind === 'duplicate' && !end))
    core.writtenRuns.wrote(
      session,
      { run, attempt, agent },
      written,
      () => new RunTail(append, core.limits.runBufferBytes),
    );
  return outcome;
}
