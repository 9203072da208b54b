import { origin, type SendRequest } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { Agent } from '../contract/agent.ts';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import type { SessionHub } from '../session/hub.ts';
import { toChunkStream } from './agent-stream.ts';
import { withEndedCalls } from './ended-calls.ts';
import { type Prompting, promptOf } from './prompt.ts';
import { steerAgent } from './steering.ts';
import { createSteps } from './steps.ts';

/** What an agent is called with. */
export interface AgentCallOptions<UI_MESSAGE extends UIMessage>
  extends Pick<SendRequest, 'trigger' | 'metadata' | 'body'>,
    Prompting {
  readonly session: string;
  readonly attempt: number;
  readonly agent: Agent<UI_MESSAGE>;
  readonly agentName: string;
  readonly participant: Participant;
  readonly request: Request | null;
  /** Id of the entry behind which messages may come that are sent to the run. */
  readonly through: string;
}

/** Call of an agent that is ready to be started once; `stop` ends what brings it messages. */
export interface AgentCall {
  readonly source: (signal: AbortSignal) => Promise<AsyncIterable<unknown>>;
  /** What it failed with, where it says so in a chunk. */
  readonly fault: unknown;
  readonly stop: () => void;
}

export function createAgentCall<UI_MESSAGE extends UIMessage>(
  core: Core,
  hub: SessionHub,
  options: AgentCallOptions<UI_MESSAGE>,
): AgentCall {
  const { session, run, messageId, agentName, request, through } = options;
  const report = (error: unknown) => core.report(error, { session, run });
  const steps = createSteps(core, hub, run, options.attempt);
  const steered = steerAgent(hub, run, through, report);
  let fault: unknown;
  const onError = (error: unknown): string => {
    fault = error;
    report(error);
    return core.errorText(error);
  };
  const source: AgentCall['source'] = async (signal) => {
    const given = await promptOf(core, hub, options);
    const { authors } = given;
    const isKept = core.openCalls === 'keep';
    const messages = isKept ? given.messages : await withEndedCalls(given.messages, messageId);
    // A process that comes to a run which is there already.
    if (through === origin) await steered.look();
    // Stopped meanwhile: a model that is not asked costs nothing.
    signal.throwIfAborted();
    const result = await options.agent({
      sessionId: session,
      agentName,
      runId: run,
      messageId,
      // The application chose the type of its messages; user messages passed its gate.
      messages: messages as unknown as UI_MESSAGE[],
      authorOf: (id) => authors[id],
      trigger: options.trigger,
      participant: options.participant,
      steering: steered.steering,
      prepareStep: steered.prepareStep,
      signal,
      step: steps.step,
      metadata: options.metadata,
      body: options.body ?? {},
      headers: request?.headers ?? new Headers(),
      request,
    });
    const conversion = { ...core.stream, generateMessageId: () => messageId, onError };
    return steered.through(toChunkStream(result, conversion));
  };
  return {
    source,
    get fault() {
      return fault;
    },
    stop: () => {
      steered.stop();
      steps.stop();
    },
  };
}
