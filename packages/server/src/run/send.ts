import type { NewEntry } from '@holdfast/log';
import {
  formatPosition,
  type QueuedResponse,
  type SendRequest,
  type SendResponse,
} from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import { authorOf } from '../authorize.ts';
import type { Core } from '../core.ts';
import type { Agent, Participant } from '../options.ts';
import type { SessionHub } from '../session/hub.ts';
import { type Accepted, accept } from './accept.ts';
import { toChunkStream } from './agent-stream.ts';
import { executeRun } from './run.ts';
import { messageIdOf } from './run-info.ts';
import { steerAgent } from './steering.ts';
import { retryUnavailable } from './writer.ts';

export interface Sending<UI_MESSAGE extends UIMessage> {
  /** Null where the run starts without one: from the queue. */
  readonly request: Request | null;
  readonly participant: Participant;
  readonly agent: Agent<UI_MESSAGE>;
  readonly agentName: string;
}

/** A send that the log has: its answer, and the run's end where this process executes it. */
export interface Sent {
  readonly response: SendResponse | QueuedResponse;
  readonly done: Promise<void> | null;
}

/**
 * Takes a send into the log and starts its run. The run goes on when whoever asked for it is gone
 * (HF-HTTP-5). Rejects with `bad_request`, `conflict`, `full`, `too_large` or `unavailable`; then
 * nothing of the send is in the log, or, after `unavailable`, repeating it is safe (HF-HTTP-1).
 */
export async function send<UI_MESSAGE extends UIMessage>(
  core: Core,
  body: SendRequest,
  sending: Sending<UI_MESSAGE>,
): Promise<Sent> {
  const { id, command } = body;
  const share = await core.hubs.acquire(id);
  let executing = false;
  try {
    const { hub } = share;
    const by = authorOf(sending.participant);
    const accepted = await accept(core, hub, body, {
      by,
      participant: sending.participant,
      agentName: sending.agentName,
    });
    if (!('outcome' in accepted)) {
      core.dispatcher.begin(id);
      return { response: accepted, done: null };
    }
    const { outcome, through } = accepted;
    const { run, info, state } = outcome.run;
    const response: SendResponse = {
      run,
      messageId: messageIdOf(info) ?? accepted.messageId,
      command,
      position: formatPosition({ epoch: outcome.epoch, id: outcome.before }),
      ...(outcome.kind === 'accepted' ? { through } : {}),
      state,
    };
    core.handover?.begin(id);
    // The repetition of a send whose first answer was lost on the way is still ours to execute.
    if (run !== accepted.run || state !== 'running') return { response, done: null };
    await cancelTruncated(core, hub, id, accepted.cancels);
    executing = true;
    const done = execute(core, hub, body, sending, accepted)
      .finally(() => share.release())
      .then(() => core.keeper.store(id))
      .then(() => {
        core.handover?.begin(id);
        core.dispatcher.begin(id);
      });
    return { response, done };
  } finally {
    if (!executing) share.release();
  }
}

/** A run whose message was cut off has nobody to write for. */
async function cancelTruncated(
  core: Core,
  hub: SessionHub,
  session: string,
  runs: readonly string[],
): Promise<void> {
  for (const run of runs) {
    const entry = (id: string): NewEntry => ({
      nonce: core.environment.nonce(),
      body: JSON.stringify({ k: 'cancel', run: id, at: core.environment.now() }),
    });
    await core.log.cancel(session, { target: { run }, entry }).catch((error: unknown) => {
      core.report(error, { session: hub.session, run });
    });
  }
}

export async function execute<UI_MESSAGE extends UIMessage>(
  core: Core,
  hub: SessionHub,
  body: SendRequest,
  sending: Sending<UI_MESSAGE>,
  { run, messageId, startedAt, through, repeat }: Accepted,
): Promise<void> {
  const session = body.id;
  const errorText = (error: unknown): string => {
    core.report(error, { session, run });
    return core.errorText(error);
  };
  const steered = steerAgent(hub, run, through, (error) => core.report(error, { session, run }));
  await executeRun({
    log: core.log,
    hub,
    session,
    run,
    attempt: 1,
    messageId,
    limits: core.limits,
    environment: core.environment,
    report: core.report,
    errorText: core.errorText,
    restart: async () => (await repeat()).kind === 'accepted',
    onWritten: (bytes) => core.keeper.wrote(session, bytes),
    source: async (signal) => {
      const { messages } = await retryUnavailable(
        () => hub.messages(startedAt),
        core.limits.patienceMs,
        core.environment,
      );
      // Stopped meanwhile: a model that is not asked costs nothing.
      signal.throwIfAborted();
      const result = await sending.agent({
        sessionId: session,
        runId: run,
        messageId,
        // The application chose the type of its messages; user messages passed the SDK's validator.
        messages: messages as unknown as UI_MESSAGE[],
        trigger: body.trigger,
        participant: sending.participant,
        steering: steered.steering,
        prepareStep: steered.prepareStep,
        signal,
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
