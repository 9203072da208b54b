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

/** What an agent is asked for. */
export interface Question<UI_MESSAGE extends UIMessage>
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

/** An agent, ready to be started once; `stop` ends what brings it messages. */
export interface Asked {
  readonly source: (signal: AbortSignal) => Promise<AsyncIterable<unknown>>;
  /** What it failed with, where it says so in a chunk. */
  readonly fault: unknown;
  readonly stop: () => void;
}

export function askAgent<UI_MESSAGE extends UIMessage>(
  core: Core,
  hub: SessionHub,
  question: Question<UI_MESSAGE>,
): Asked {
  const { session, run, messageId, agentName, request, through } = question;
  const report = (error: unknown) => core.report(error, { session, run });
  const steps = createSteps(core, hub, run, question.attempt);
  const steered = steerAgent(hub, run, through, report);
  let fault: unknown;
  const onError = (error: unknown): string => {
    fault = error;
    report(error);
    return core.errorText(error);
  };
  const source: Asked['source'] = async (signal) => {
    const given = await promptOf(core, hub, question);
    const { authors } = given;
    const isKept = core.openCalls === 'keep';
    const messages = isKept ? given.messages : await withEndedCalls(given.messages, messageId);
    // A process that comes to a run which is there already.
    if (through === origin) await steered.look();
    // Stopped meanwhile: a model that is not asked costs nothing.
    signal.throwIfAborted();
    const result = await question.agent({
      sessionId: session,
      agentName,
      runId: run,
      messageId,
      // The application chose the type of its messages; user messages passed its gate.
      messages: messages as unknown as UI_MESSAGE[],
      authorOf: (id) => authors[id],
      trigger: question.trigger,
      participant: question.participant,
      steering: steered.steering,
      prepareStep: steered.prepareStep,
      signal,
      step: steps.step,
      metadata: question.metadata,
      body: question.body ?? {},
      headers: request?.headers ?? new Headers(),
      request,
    });
    const options = { ...core.stream, generateMessageId: () => messageId, onError };
    return steered.through(toChunkStream(result, options));
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
