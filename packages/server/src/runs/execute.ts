import type { SendOutcome } from '@holdfast/log';
import type { Outcome, RunStartEntry, SendRequest } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { Agent } from '../contract/agent.ts';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import type { SessionHub } from '../session/hub.ts';
import type { HubShare } from '../session/hubs.ts';
import type { Conversation } from '../session/written.ts';
import { createAgentCall } from './agent-call.ts';
import { remindOfApprovals } from './approvals.ts';
import { remindBeside } from './remind.ts';
import { executeRun, type RunOptions } from './run.ts';

export interface Sending<UI_MESSAGE extends UIMessage> {
  /** Null where the run starts without one: from the queue. */
  readonly request: Request | null;
  readonly participant: Participant;
  readonly agent: Agent<UI_MESSAGE>;
  readonly agentName: string;
}

/** One attempt of a run that is this process's to execute. */
export interface Execution {
  readonly run: string;
  /** Counted from 1. */
  readonly attempt: number;
  readonly messageId: string;
  /** Id of the entry behind which messages may come that are sent to the run. */
  readonly through: string;
  /** As in {@link Prompting}. */
  readonly messages: () => Promise<Conversation | null>;
  /** Writes the start again, where the log has lost it. */
  readonly repeat: () => Promise<SendOutcome>;
  /** What a later attempt begins with. */
  readonly start?: RunStartEntry;
}

/**
 * Runs the agent for a send that the log has, and looks after the session when that has ended. Takes
 * over the share. Resolves with how the run ended, or null where that could not be written. Never
 * rejects.
 */
export function carryOut<UI_MESSAGE extends UIMessage>(
  core: Core,
  share: HubShare,
  body: SendRequest,
  sending: Sending<UI_MESSAGE>,
  accepted: Execution,
): Promise<Outcome | null> {
  const { id } = body;
  const { run, attempt } = accepted;
  const hold = core.attempts.hold({ ...core, session: id, run, attempt });
  const work = async (): Promise<Outcome | null> => {
    let outcome: Outcome | null = null;
    try {
      // Whoever looks after it when this process dies.
      if (core.onLost !== 'fail' || core.dispatch)
        void remindBeside(core, 'runs', id, core.limits.leaseMs);
      outcome = await execute(core, share.hub, body, sending, accepted);
      await remindOfApprovals(core, share.hub, accepted.messageId);
    } catch (error) {
      core.report(error, { session: id, run });
    } finally {
      hold.release();
      share.release();
    }
    await afterRun(core, id);
    return outcome;
  };
  const done = work();
  core.runs.add(done);
  void done.finally(() => core.runs.delete(done));
  return done;
}

/** Looks after a session in which a run has ended. Never rejects. */
export async function afterRun(core: Core, session: string): Promise<void> {
  await core.checkpointer.store(session);
  core.hookDelivery?.begin(session);
  core.scheduler.begin(session);
}

async function execute<UI_MESSAGE extends UIMessage>(
  core: Core,
  hub: SessionHub,
  body: SendRequest,
  sending: Sending<UI_MESSAGE>,
  execution: Execution,
): Promise<Outcome | null> {
  const { run, attempt, messageId, repeat, start } = execution;
  const restart = () => restarted(core, run, repeat);
  const call = createAgentCall(core, hub, {
    ...execution,
    ...sending,
    ...body,
    session: body.id,
    restart,
  });
  return await executeRun({
    ...writingOptions(core, hub, run, messageId),
    attempt,
    ...(start ? { start } : {}),
    restart,
    source: call.source,
  }).finally(call.stop);
}

/** Whether the log has the start of the run again: by this repetition, or by one whose answer was lost. */
async function restarted(
  { environment, limits }: Core,
  run: string,
  repeat: Execution['repeat'],
): Promise<boolean> {
  const outcome = await retryUnavailable(repeat, limits.retryForMs, environment);
  if (outcome.kind === 'refused') return false;
  return outcome.run?.run === run && outcome.run.state === 'running';
}

/** What every run is written with. */
export const writingOptions = (
  core: Core,
  hub: SessionHub,
  run: string,
  messageId: string,
): Omit<RunOptions, 'attempt' | 'restart' | 'source'> => ({
  log: core.log,
  hub,
  attempts: core.attempts,
  aftermath: core.aftermath,
  session: hub.session,
  run,
  messageId,
  limits: core.limits,
  environment: core.environment,
  report: core.report,
  errorText: core.errorText,
  onWritten: (bytes: number) => core.checkpointer.wrote(hub.session, bytes),
});
