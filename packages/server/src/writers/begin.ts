import type { LiveRun } from '@holdfast/log';
import type { Message } from '@holdfast/protocol';
import { type SessionRunOptions, startServerRun } from '../commands/send/session-run.ts';
import { conflict } from '../conflict.ts';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import { isOver, runOf, take } from '../engines/adopt.ts';
import { wholeOf } from '../files/filled.ts';
import { forbiddenWork } from '../rights/still-allowed.ts';
import { abandon } from '../runs/abandon.ts';
import { messagesBefore, referringMessages } from '../runs/prompt.ts';
import { remindBeside } from '../runs/remind.ts';
import { extrasOf, keepOf, type RunKeep, runRecordOf } from '../runs/run-record.ts';
import type { SessionHub } from '../session/hub.ts';
import { newEntry } from '../session/new-entry.ts';
import { lookAt, repeated, stateOf, superseded, type WriterState } from './state.ts';

/** What every writer says that wants a run: who it is, and for how long it may be silent, in ms. */
interface Wanted {
  readonly holder: string;
  readonly leaseMs: number;
}

export interface OwnRunAsked extends Wanted, SessionRunOptions {
  readonly command: string;
}

export interface JobAsked extends Wanted {
  readonly agent: string;
  readonly run: string;
  readonly attempt: number;
}

/** A run in a writer's hands, with what its agent is to be given. */
export interface Begun {
  readonly state: 'running';
  readonly run: string;
  readonly attempt: number;
  readonly messageId: string;
  readonly next: number;
  readonly cancelled: boolean;
  /** With references where the log has them, one after another; see {@link referringMessages}. */
  readonly messages: AsyncIterable<Message>;
  readonly trigger: RunKeep['trigger'];
  readonly participant: Pick<Participant, 'id' | 'role' | 'info'>;
  readonly metadata?: unknown;
  readonly body?: unknown;
}

/**
 * Begins the run of a command, or takes it from whoever had it (HF-WRT-2). Rejects as `startServerRun`, and with
 * `conflict` where several take it at once.
 */
export async function beginOwnRun(
  core: Core,
  session: string,
  { holder, leaseMs, ...options }: OwnRunAsked,
): Promise<Begun | WriterState> {
  const { agent } = options;
  // Neither JavaScript's runs nor another agent's can be meant.
  const command = `\u0001${agent}\u0001${options.command}`;
  const run = runOf(command);
  const ended = async () => {
    const found = await lookAt(core, session, { run, agent });
    return 'told' in found ? found.told : superseded;
  };
  if (await isOver(core, session, run)) return await ended();
  return await core.hubs.use(session, async (hub) => {
    const started = await startServerRun(
      core,
      hub,
      { ...options, command },
      { agentOf: () => undefined, adopted: { run, leaseMs } },
    );
    const { run: known } = started.outcome.run;
    if (known !== run) throw conflict('taken', 'begin: the command is that of another run');
    const attempt = await take(core, session, { run, leaseMs, holder });
    if (attempt === null) return await ended();
    const { trigger, participant } = started;
    // As it began: whoever takes it over need not know for whom it works.
    const look = () => hub.project((projection) => projection.run(run)?.parent);
    const parent = await repeated(core, look);
    return await begun(core, hub, {
      run,
      attempt,
      agent,
      trigger,
      participant,
      ...(parent === undefined ? {} : { parent }),
      ...extrasOf(options),
    });
  });
}

/** Takes a run that a client has asked for, and that waits for a worker (HF-WRT-3). Rejects with `forbidden`. */
export async function beginJob(
  core: Core,
  session: string,
  { agent, run, attempt, holder, leaseMs }: JobAsked,
): Promise<Begun | WriterState> {
  const { log, onLost } = core;
  const found = await lookAt(core, session, { run, agent });
  if ('told' in found) return found.told;
  const { live } = found;
  const kept = keepOf(live.kept);
  // One that keeps nothing is a writer's own.
  if (live.attempt > attempt || !kept) return superseded;
  if (!(await isAllowed(core, session, { ...live, attempt }, kept))) return { state: 'failed' };
  const lease = { run, attempt, leaseMs, holder, if: { lapsed: true } };
  const outcome = await repeated(core, () => log.renew(session, lease));
  if (outcome.kind !== 'held') return superseded;
  if (onLost !== 'fail') void remindBeside(core, 'runs', session, leaseMs);
  return await core.hubs.use(session, (hub) => begun(core, hub, { run, attempt, agent, ...kept }));
}

async function isAllowed(
  core: Core,
  session: string,
  live: Pick<LiveRun, 'run' | 'attempt' | 'info'>,
  { participant }: RunKeep,
): Promise<boolean> {
  if (await core.isStillAllowed(session, participant)) return true;
  const end = { outcome: 'failed' as const, reason: 'forbidden' };
  if (await abandon(core, session, live, end))
    core.report(forbiddenWork(), { session, run: live.run });
  return false;
}

interface Taken extends RunKeep {
  readonly run: string;
  readonly attempt: number;
  readonly agent: string;
}

/** Writes the start of an attempt that takes over, and looks up what the agent is to be given. */
async function begun(core: Core, hub: SessionHub, taken: Taken): Promise<Begun | WriterState> {
  const { run, attempt, trigger, participant } = taken;
  const { session } = hub;
  const live = await repeated(core, () => core.log.run(session, run));
  if (live?.state !== 'running' || live.attempt !== attempt) return superseded;
  const { messageId = '' } = runRecordOf(live.info);
  if (attempt > 1) {
    const started = await writeStart(core, session, taken, live);
    if (started.state !== 'running') return started;
  }
  const before = await repeated(core, () => messagesBefore(hub, run, messageId));
  if (!before) return { state: 'lost' };
  const whole = wholeOf(core.fileTexts, session);
  const { id, role, info } = participant;
  return {
    state: 'running',
    run,
    attempt,
    messageId,
    next: 1,
    cancelled: live.cancelled,
    messages: referringMessages(whole, core.openCalls, before, messageId),
    trigger,
    participant: { id, ...(role && { role }), ...(info && { info }) },
    ...extrasOf(taken),
  };
}

/** The entry 0 of an attempt, which takes what the one before left unfinished out of the message (HF-ENT-5). */
async function writeStart(
  core: Core,
  session: string,
  { run, attempt, agent, parent }: Taken,
  { info }: Pick<LiveRun, 'info'>,
): Promise<WriterState> {
  const { log, environment } = core;
  const { messageId = '', command = '', traceparent } = runRecordOf(info);
  const child = parent === undefined ? {} : { parent };
  const traced = traceparent === undefined ? {} : { traceparent };
  const named = { run, attempt, agent, messageId, command, ...child, ...traced };
  const start = { k: 'run-start' as const, ...named, at: environment.date() };
  const append = { run, attempt, seq: 0, entry: newEntry(environment, start) };
  const outcome = await repeated(core, () => log.append(session, append));
  return await stateOf(core, session, { run, seq: 0 }, outcome);
}
