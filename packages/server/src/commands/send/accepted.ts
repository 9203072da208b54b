import { idsBehind, type NewEntry, type SendCommand } from '@holdfast/log';
import { conflict } from '../../conflict.ts';
import type { Core } from '../../core.ts';
import { retryUnavailable } from '../../retry-unavailable.ts';
import type { Execution } from '../../runs/execution.ts';
import { extrasOf, runRecordOf } from '../../runs/run-record.ts';
import type { SessionHub } from '../../session/hub.ts';
import type { Prompt } from '../../session/prompt.ts';
import type { OwnEntries } from '../../session/prompt-at.ts';
import type { AcceptedSend } from '../commit.ts';
import type { DraftedRun } from './command.ts';

/** A send that the log has, and what executes its run. */
export interface Accepted extends Execution {
  /** The record of the log: where it was sent before, its run is another one than that of this execution. */
  readonly outcome: AcceptedSend & { readonly run: NonNullable<AcceptedSend['run']> };
}

/** True when the run of a send is for the process that has sent it. */
export const isOurs = ({ outcome, run }: Accepted): boolean =>
  outcome.run.run === run && outcome.run.state === 'running';

/** True when a run that a process begins is executed there. */
export const isHere = ({ dispatch }: Core, { sender }: Pick<DraftedRun, 'sender'>): boolean =>
  !sender.adopted && (dispatch === null || sender.isServer === true);

/** An accepted send with what executes its run. Throws `conflict` for a command that was none of a run. */
export function acceptedOf(
  core: Core,
  hub: SessionHub,
  drafted: DraftedRun & { readonly command: SendCommand },
  known: AcceptedSend,
): Accepted {
  const { body, sender, run, messageId, agentName, command } = drafted;
  if (!known.run) throw conflict('taken', 'send: the command id is taken; use another');
  const outcome = { ...known, run: known.run };
  const own = ownEntries(outcome, command.entries);
  const record = runRecordOf(outcome.run.info);
  const isStarted = outcome.kind === 'accepted' && outcome.run.state === 'running';
  const isGiven = isStarted && isHere(core, drafted);
  return {
    outcome,
    session: hub.session,
    run,
    attempt: 1,
    messageId,
    agentName,
    agent: sender.agentOf(agentName),
    participant: sender.participant,
    request: sender.request ?? null,
    trigger: body.trigger,
    traceparent: record.traceparent,
    durability: record.durability,
    ...extrasOf(body),
    through: own.entries.at(-1)?.id ?? own.before.id,
    messages: isGiven ? givenAt(hub, own, run) : () => hub.promptAt(own),
    restart: () => restarted(core, hub, run, command),
  };
}

/** The entries of a command as the log has them. */
export function ownEntries(
  { epoch, before: id }: Pick<AcceptedSend, 'epoch' | 'before'>,
  written: readonly NewEntry[],
): OwnEntries {
  const ids = idsBehind(id, written);
  const entries = written.map(({ body }, at) => ({ id: ids[at] ?? id, body }));
  return { before: { epoch, id }, entries };
}

/** The messages that clients showed at the start of a run, looked at now; again when that fails. */
function givenAt(hub: SessionHub, own: OwnEntries, run: string): () => Promise<Prompt | null> {
  const looked = hub.promptWith(own, run).catch(() => null);
  return async () => (await looked) ?? (await hub.promptAt(own));
}

/** True when the log has the start of the run again: by this repetition, or by one whose answer was lost. */
async function restarted(
  { log, environment, limits }: Core,
  { session }: SessionHub,
  run: string,
  command: SendCommand,
): Promise<boolean> {
  const repeat = () => log.send(session, command);
  const outcome = await retryUnavailable(repeat, limits.retryForMs, environment);
  if (outcome.kind === 'refused') return false;
  return outcome.run?.run === run && outcome.run.state === 'running';
}
