import type { AppendOutcome, KnownRun, LiveRun } from '@holdfast/log';
import { HoldfastError, type Message, type Outcome } from '@holdfast/protocol';
import type { Core } from '../core.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import { runRecordOf } from '../runs/run-record.ts';
import type { WrittenRecord } from '../runs/written-runs.ts';

/** What a writer is told of its run, whatever it asked for (HF-WRT-4). */
export type WriterState =
  /** It has the run. `next` is the number of its next append; `cancelled`: somebody wants it to stop. */
  | {
      readonly state: 'running';
      readonly cancelled: boolean;
      readonly next?: number;
      /** Messages for its model, which it has not written yet. */
      readonly steers?: readonly Message[];
    }
  /** Appends before that one are missing: send again from `next`. */
  | { readonly state: 'gap'; readonly next: number }
  /** Another writer has the run. */
  | { readonly state: 'superseded' }
  /** The session takes no more but the run's end. */
  | { readonly state: 'full' }
  /** How it has ended; `lost` also where nothing is known of it. */
  | { readonly state: Outcome };

/** Which run a request names, and in whose name. */
export interface WrittenRun {
  readonly agent: string;
  readonly run: string;
  readonly attempt: number;
}

/** How long it is repeated to the log, in ms; then the writer is told `unavailable`, and repeats it. */
export const retryForMs = 5_000;

export const repeated = <T>({ environment }: Core, ask: () => Promise<T>): Promise<T> =>
  retryUnavailable(ask, retryForMs, environment);

export const superseded: WriterState = { state: 'superseded' };

/** A run that is live and that writers may write, with its record. */
export interface WritableRun extends LiveRun {
  readonly record: WrittenRecord;
}

/**
 * The run as the log has it, or what the writer is to be told instead. Throws `forbidden` for a run that another
 * agent writes, or that the server itself does.
 */
export async function lookAt(
  core: Core,
  session: string,
  { run, agent }: Pick<WrittenRun, 'run' | 'agent'>,
): Promise<{ readonly live: WritableRun } | { readonly told: WriterState }> {
  const known = await repeated(core, () => core.log.run(session, run));
  if (known?.state !== 'running') return { told: endOf(known) };
  const { agent: writtenBy, messageId, by, durability } = runRecordOf(known.info);
  if (by === undefined || writtenBy !== agent || messageId === undefined)
    throw new HoldfastError('forbidden', 'unable to write: this is not a run of that agent');
  return { live: { ...known, record: { messageId, ...(durability && { durability }) } } };
}

/** The record of a run, or what its writer is to be told instead. Rejects as {@link lookAt}. */
export async function recordOf(
  core: Core,
  session: string,
  written: WrittenRun,
): Promise<{ readonly record: WrittenRecord } | { readonly told: WriterState }> {
  const known = core.writtenRuns.recordOf(session, written);
  if (known) return { record: known };
  const found = await lookAt(core, session, written);
  if ('told' in found) return found;
  const { record } = found.live;
  core.writtenRuns.note(session, written, record);
  return { record };
}

const endOf = (known: KnownRun | null): WriterState => ({
  state: known === null || known.state === 'running' ? 'lost' : known.state,
});

/** What the log's answer to an append means for the writer. */
export async function stateOf(
  core: Core,
  session: string,
  { run, seq }: { readonly run: string; readonly seq: number },
  outcome: AppendOutcome,
): Promise<WriterState> {
  switch (outcome.kind) {
    case 'appended':
    case 'duplicate':
      return { state: 'running', cancelled: outcome.cancelled, next: seq + 1 };
    case 'gap':
      // The log has lost that this attempt began: its writer does not have the run.
      return outcome.expected === 0 ? superseded : { state: 'gap', next: outcome.expected };
    case 'fenced':
      return superseded;
    case 'full':
      return { state: 'full' };
    default:
      return endOf(await repeated(core, () => core.log.run(session, run)));
  }
}
