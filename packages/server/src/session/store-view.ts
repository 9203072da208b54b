import type { CheckpointOutcome, SessionLog } from '@holdfast/log';
import type { SessionView } from './view.ts';

/** A checkpoint that the log has. */
export interface Stored {
  readonly epoch: string;
  readonly id: string;
  readonly count: number;
  readonly keep: number;
  /** Characters that were written for it: open messages are written whole. */
  readonly written: number;
  /** Characters of the entries that it stands for and the one before did not. */
  readonly replaced: number;
}

/** `nothing`: the log had everything already. */
export type CheckpointResult = Stored | 'nothing' | Exclude<CheckpointOutcome, 'done'>;

/** Stores what a view amounts to, so that its entries can be dropped (HF-LOG-18). */
export async function storeView(
  log: SessionLog,
  session: string,
  view: SessionView,
): Promise<CheckpointResult> {
  const draft = await view.draft();
  if (!draft) return 'nothing';
  const outcome = await log.checkpoint(session, { ...draft.command, trim: null });
  if (outcome === 'done') {
    const replaced = view.base.unstored;
    draft.done();
    const { epoch, through, count, keep } = draft.command;
    const written = draft.command.changes.reduce((sum, { body }) => sum + body.length, 0);
    return { epoch, id: through, count, keep, written, replaced };
  }
  // Another process was first: what it stored is where to go on from.
  if (outcome !== 'full') view.reset();
  return outcome;
}

/** Notes that the application was told up to that entry; false when it has to be tried again. */
export async function noteHandedOver(
  log: SessionLog,
  session: string,
  view: SessionView,
  id: string,
): Promise<boolean> {
  const { epoch } = view.position;
  if (epoch === '') return false;
  const stored = {
    epoch,
    from: view.base.checkpoint,
    through: view.base.checkpoint,
    ...view.base.stored,
  };
  const note = { ...stored, changes: [], trim: null, handed: id };
  const outcome = await log.checkpoint(session, note);
  if (outcome === 'done') view.base.handedTo(id);
  else view.reset();
  return outcome === 'done';
}
