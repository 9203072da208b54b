import type { SendOutcome } from '@holdfast/log';
import type { Message, Outcome, RunStartEntry, SendRequest } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { Core } from '../core.ts';
import type { Agent, Participant } from '../options.ts';
import type { SessionHub } from '../session/hub.ts';
import type { HubShare } from '../session/hubs.ts';
import { toChunkStream } from './agent-stream.ts';
import { defaultAgent } from './agents.ts';
import { remindOfApprovals } from './approvals.ts';
import { executeRun } from './run.ts';
import { steerAgent } from './steering.ts';
import { createStep } from './steps.ts';
import { retryUnavailable } from './writer.ts';

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
  /** What the agent is given. */
  readonly messages: () => Promise<readonly Message[]>;
  /** Writes the start again, where the log has lost it. */
  readonly repeat: () => Promise<Pick<SendOutcome, 'kind'>>;
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
  const work = async (): Promise<Outcome | null> => {
    let outcome: Outcome | null = null;
    try {
      // Whoever looks after it when this process dies.
      if (core.onLost !== 'fail' || core.dispatch)
        await core.log.remind('runs', id, core.limits.leaseMs);
      outcome = await execute(core, share.hub, body, sending, accepted);
      await remindOfApprovals(core, share.hub, accepted.messageId);
    } catch (error) {
      core.report(error, { session: id, run: accepted.run });
    } finally {
      share.release();
    }
    await core.keeper.store(id);
    core.handover?.begin(id);
    core.dispatcher.begin(id);
    return outcome;
  };
  const done = work();
  core.runs.add(done);
  void done.finally(() => core.runs.delete(done));
  return done;
}

async function execute<UI_MESSAGE extends UIMessage>(
  core: Core,
  hub: SessionHub,
  body: SendRequest,
  sending: Sending<UI_MESSAGE>,
  { run, attempt, messageId, through, messages: prompt, repeat, start }: Execution,
): Promise<Outcome | null> {
  const session = body.id;
  const errorText = (error: unknown): string => {
    core.report(error, { session, run });
    return core.errorText(error);
  };
  const steered = steerAgent(hub, run, through, (error) => core.report(error, { session, run }));
  return await executeRun({
    log: core.log,
    hub,
    session,
    run,
    attempt,
    ...(start ? { start } : {}),
    messageId,
    ...(sending.agentName === defaultAgent ? {} : { agent: sending.agentName }),
    limits: core.limits,
    environment: core.environment,
    report: core.report,
    errorText: core.errorText,
    restart: async () => (await repeat()).kind === 'accepted',
    onWritten: (bytes) => core.keeper.wrote(session, bytes),
    source: async (signal) => {
      const messages = await retryUnavailable(prompt, core.limits.patienceMs, core.environment);
      await steered.ready;
      // Stopped meanwhile: a model that is not asked costs nothing.
      signal.throwIfAborted();
      const result = await sending.agent({
        sessionId: session,
        agentName: sending.agentName,
        runId: run,
        messageId,
        // The application chose the type of its messages; user messages passed the SDK's validator.
        messages: messages as unknown as UI_MESSAGE[],
        trigger: body.trigger,
        participant: sending.participant,
        steering: steered.steering,
        prepareStep: steered.prepareStep,
        signal,
        step: createStep(core, hub, run),
        metadata: body.metadata,
        body: body.body ?? {},
        headers: sending.request?.headers ?? new Headers(),
        request: sending.request,
      });
      const chunks = toChunkStream(result, {
        ...core.stream,
        generateMessageId: () => messageId,
        onError: errorText,
      });
      return steered.through(chunks);
    },
  }).finally(steered.stop);
}
