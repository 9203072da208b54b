import type { Writer } from '@holdfast/protocol';
import type * as ai from 'ai';
import type { ModelMessage, UIMessage, UIMessageChunk } from 'ai';
import type { MaybePromise } from './maybe-promise.ts';
import type { Participant } from './participant.ts';

/** The result of an agent; for anything else the run fails with words. */
export type AgentResult =
  | ReadableStream<UIMessageChunk>
  | AsyncIterable<UIMessageChunk>
  /** A `streamText` result of `ai` 7, or of an agent's `stream()`. */
  | { readonly stream: ReadableStream<unknown> }
  /** A `streamText` result of `ai` 6. */
  | { toUIMessageStream(options?: never): ReadableStream<UIMessageChunk> };

/** Parts of a `streamText` result that clients get; they do not matter to agents that return chunks themselves. */
export interface AgentStreamOptions {
  /** Send the model's reasoning to clients. @default true */
  readonly sendReasoning?: boolean;
  /** Send the model's sources to clients. @default false */
  readonly sendSources?: boolean;
}

/** The steering object of `ai` 7.0.154 and later; what is older has none. */
export type Steering = typeof ai extends { experimental_createSteering(): infer S } ? S : never;

/** For the option `prepareStep` of `streamText` where `ai` has no steering object; does nothing where it has. */
export type PrepareStep = (step: {
  readonly messages: ModelMessage[];
}) => { messages: ModelMessage[] } | undefined;

/** Does something once for all attempts of a run; see `AgentContext.step`. */
export type Step = <T>(name: string, act: () => T | Promise<T>) => Promise<T>;

/** The facts that an agent is told about its run. */
export interface AgentContext<UI_MESSAGE extends UIMessage = UIMessage> {
  /** Session that the run answers; 1 to 128 characters. */
  readonly sessionId: string;
  /** Under which this run is told of: the route's, or that of `session(id).run`. */
  readonly agentName: string;
  /** Run that this call executes: the same in each attempt of it. */
  readonly runId: string;
  /** Id of the assistant message that this run writes into. */
  readonly messageId: string;
  /**
   * The session's messages as every client shows them, folded by the AI SDK's reducer. The list is the agent's own; each
   * message is frozen, since other agents are given the same: take a copy to change one.
   */
  readonly messages: UI_MESSAGE[];
  /**
   * The writer of a message, as the server established it: nothing in it is a client's word. Undefined where the
   * server does not know: for messages that the session began with.
   */
  readonly authorOf: (messageId: string) => Writer | undefined;
  /**
   * Does something once for all attempts of the run: what `act` resolves with is kept in the log under
   * the name, and given back to a later attempt without calling it (see `onLost`). It has to survive
   * `JSON.stringify`, and be at most a quarter of `entryBytes`, and with all others of
   * the session's live runs twice `entryBytes`; nothing counts as null. An attempt that
   * dies inside `act` has not done it. Clients are told the name only. Rejects with what `act` rejects with, with
   * `too_large` or `full` where the result cannot be kept, with `conflict` when the run has ended or another process
   * has it, and with `unavailable` when the log was away for 10 s; `act` is not told of a stop: hand it `signal`.
   */
  readonly step: Step;
  /** The request: an answer to what was sent, or the last reply anew. */
  readonly trigger: 'submit-message' | 'regenerate-message';
  /** The participant who asked for the run, as `authorize` said at the send; for runs of the server the agent. */
  readonly participant: Participant;
  /**
   * Brings messages to the model that are sent to the run while it is under way: the option
   * `experimental_steering` of `ai` 7.0.154 and later. Undefined with what is older; see `prepareStep`.
   */
  readonly steering: Steering | undefined;
  /** The same for the option `prepareStep` of `ai` 6 and of 7 before 7.0.154; changes nothing with later ones. */
  readonly prepareStep: PrepareStep;
  /**
   * Fires when the run is stopped, when it has ended, and when another process has it: on `close()`, once `runsMs` are
   * over. Hand it to the model; the request's own signal means nothing. After a stop the agent has 1 s to say how it
   * ends; what it yields later is dropped.
   */
  readonly signal: AbortSignal;
  /** The request's `metadata` option; undefined where it had none. Checked by nobody. */
  readonly metadata: unknown;
  /** The transport's and the call's `body` options; empty where they gave none. Checked by nobody. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Headers of the request; checked by nobody. */
  readonly headers: Headers;
  /** Null where there is none: the run waited in the queue, or a worker executes it. `headers` are empty then. */
  readonly request: Request | null;
}

/** Answers a session: see {@link AgentResult} for what it may return. */
export type Agent<UI_MESSAGE extends UIMessage = UIMessage> = (
  context: AgentContext<UI_MESSAGE>,
) => MaybePromise<AgentResult>;
