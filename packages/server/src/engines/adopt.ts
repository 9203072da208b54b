import { createHash } from 'node:crypto';
import type { LeaseCommand } from '@holdfast/log';
import { type HoldfastError, origin } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import { type SessionRunOptions, startServerRun } from '../commands/send/session-run.ts';
import { conflict } from '../conflict.ts';
import type { Core } from '../core.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import { checkAgentName } from '../runs/agents.ts';
import { ownCommand } from '../runs/own-command.ts';
import { messageIdOf } from '../runs/run-record.ts';
import type { AdoptedRun } from './adopted-run.ts';
import { AdoptedWriting, endOf } from './adopted-writing.ts';

/** Options of `adopt`. */
export interface AdoptOptions extends SessionRunOptions {
  /**
   * Names the run: the same again, from any process, goes on with it. The id of a workflow's execution
   * is a good one.
   */
  readonly command: string;
  /**
   * How long the run may be nobody's before it is `lost`, in ms: more than the engine takes to call the
   * next activity, or to call one again whose process has died.
   * @default 900_000
   */
  readonly leaseMs?: number;
}

const defaultLeaseMs = 900_000;
/** How long it is repeated to the log, in ms. */
const retryForMs = 5_000;
/** How often a run is asked for when others take it at the same time. */
const tries = 5;

/** See `SessionHandle.adopt`. */
export async function adoptRun<UI_MESSAGE extends UIMessage, T>(
  core: Core,
  session: string,
  options: AdoptOptions,
  use: (run: AdoptedRun<UI_MESSAGE>) => Promise<T>,
): Promise<T> {
  const { agent: agentName, command, leaseMs = defaultLeaseMs } = options;
  checkAgentName(agentName);
  const run = runOf(command);
  const name = ownCommand('run', command);
  if (await isOver(core, session, run)) return await use(await endedRun(core, session, run, name));
  return await core.hubs.use(session, async (hub) => {
    const { outcome, ...execution } = await startServerRun(core, hub, options, {
      agentOf: () => undefined,
      adopted: { run, leaseMs },
    });
    const { info, run: known } = outcome.run;
    if (known !== run) throw conflict('taken', 'adopt: the command is that of another run');
    const attempt = await take(core, session, { run, leaseMs, holder: core.environment.id() });
    if (attempt === null) return await use(await endedRun(core, session, run, name));
    const parent = await hub.project((projection) => projection.run(run)?.parent);
    const messageId = messageIdOf(info) ?? execution.messageId;
    const writing = new AdoptedWriting<UI_MESSAGE>({
      core,
      hub,
      execution: { ...execution, messageId, attempt, through: origin, engineLeaseMs: leaseMs },
      parent,
      command: name,
      info,
    });
    try {
      return await use(writing);
    } finally {
      await writing.release();
    }
  });
}

/** The same in every process: so it is known, when the session was deleted, that the run was there. */
export const runOf = (command: string): string =>
  createHash('sha256').update(command).digest('base64url').slice(0, 22);

/** True when the log knows that the run has ended, or that its session was deleted. */
export async function isOver(
  { log, environment }: Core,
  session: string,
  run: string,
): Promise<boolean> {
  const look = () => log.run(session, run);
  const known = await retryUnavailable(look, retryForMs, environment);
  return known !== null && known.state !== 'running';
}

/** A run that nobody has any more. */
async function endedRun<UI_MESSAGE extends UIMessage>(
  core: Core,
  session: string,
  run: string,
  command: string,
): Promise<AdoptedRun<UI_MESSAGE>> {
  const { state, messageId } = await endOf(core, session, command);
  const refuse = (): HoldfastError => conflict('ended', 'do the step: the run has ended');
  return {
    run,
    messageId,
    attempt: 0,
    state,
    signal: AbortSignal.abort(refuse()),
    write: async () => state,
    end: async () => state,
    step: () => Promise.reject(refuse()),
  };
}

/** The attempt that the holder has from now on, or has already; null when the run has ended. */
export async function take(
  { log, environment }: Core,
  session: string,
  { run, leaseMs, holder }: Pick<LeaseCommand, 'run' | 'leaseMs'> & { readonly holder: string },
): Promise<number | null> {
  let after = 0;
  for (let left = tries; left > 0; left--) {
    const live = await log.run(session, run);
    if (live?.state !== 'running') return null;
    // A released run has no holder; from one that has, the next attempt takes it.
    const attempt = Math.max(live.attempt, after);
    const renew = () => log.renew(session, { run, attempt, leaseMs, holder });
    const { kind } = await retryUnavailable(renew, retryForMs, environment);
    if (kind === 'held') return attempt;
    if (kind !== 'fenced') return null;
    after = attempt + 1;
  }
  throw conflict(
    'lost',
    'adopt: other processes adopt the run at the same time; let one of them go on',
  );
}
