import { HoldfastError, origin } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { Core } from '../core.ts';
import { filledMessage, wholeOf } from '../files/filled.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import type { SessionHub } from '../session/hub.ts';
import { toChunkStream } from './agent-stream.ts';
import type { Execution } from './execution.ts';
import { givenMessages, promptFor } from './prompt.ts';
import { steerAgent } from './steering.ts';
import { createSteps } from './steps.ts';

/** Call of an agent that is ready to be started once; `stop` ends what brings it messages. */
export interface AgentCall {
  /** `onAsked` is called when nothing but the agent is waited for any more. */
  readonly source: (signal: AbortSignal, onAsked: () => void) => Promise<AsyncIterable<unknown>>;
  /** The error that it failed with, where it says so in a chunk. */
  readonly fault: unknown;
  readonly stop: () => void;
}

/** The error of a process that is to call an agent which it does not have. */
export const noAgentError = (name: string): HoldfastError =>
  new HoldfastError('internal', `unable to run: there is no agent ${name}`);

export function createAgentCall(core: Core, hub: SessionHub, execution: Execution): AgentCall {
  const { session, run, messageId, agent, agentName, request, through } = execution;
  const report = (error: unknown) => core.report(error, { session, run });
  const whole = wholeOf(core.fileTexts, session);
  const steps = createSteps(core, hub, run, execution.attempt);
  const again = <T>(ask: () => Promise<T>): Promise<T> =>
    retryUnavailable(ask, core.limits.retryForMs, core.environment);
  const steered = steerAgent(hub, run, through, {
    report,
    fill: (message) => filledMessage(whole, message),
    again,
  });
  let fault: unknown;
  const onError = (error: unknown): string => {
    fault = error;
    report(error);
    return core.errorText(error);
  };
  const source: AgentCall['source'] = async (signal, onAsked) => {
    const prompt = await promptFor(core, hub, execution);
    // A file that is away for a moment is no reason to fail: the log has the question.
    const messages = await again(() => givenMessages(core, session, prompt, messageId));
    // A process that comes to a run which is there already.
    if (through === origin) await steered.look();
    // Stopped meanwhile: a model that is not asked costs nothing.
    signal.throwIfAborted();
    if (!agent) throw noAgentError(agentName);
    onAsked();
    const result = await agent({
      sessionId: session,
      agentName,
      runId: run,
      messageId,
      // The application chose the type of its messages; user messages passed its gate.
      messages: messages as unknown as UIMessage[],
      authorOf: prompt.authorOf,
      trigger: execution.trigger,
      participant: execution.participant,
      steering: steered.steering,
      prepareStep: steered.prepareStep,
      signal,
      step: steps.step,
      metadata: execution.metadata,
      body: execution.body ?? {},
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
