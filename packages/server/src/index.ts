export type { Durability, LogDurability } from '@holdfast/log';
export {
  type ConflictReason,
  type ErrorCode,
  HoldfastError,
  isSessionId,
  type Limits,
  type RunInfo,
  type Writer,
  type Writers,
} from '@holdfast/protocol';
export type { CloseOptions } from './close.ts';
export type { SignalOptions } from './close-on-signals.ts';
export { type AllowOptions, allowMessage } from './commands/send/allow-message.ts';
export type { SessionRun, SessionRunOptions } from './commands/send/session-run.ts';
export type {
  Agent,
  AgentContext,
  AgentResult,
  AgentStreamOptions,
  PrepareStep,
  Steering,
  Step,
} from './contract/agent.ts';
export type { ClientTools, ToolNames } from './contract/client-tools.ts';
export type { Hooks, MessageEvent, TruncateEvent } from './contract/hooks.ts';
export { type Dispatch, type Job, jobId } from './contract/job.ts';
export type { Load, LoadedHistory } from './contract/load.ts';
export type {
  AcceptMessage,
  DecideOnLost,
  DecideWhileBusy,
  FileLinkOptions,
  HoldfastOptions,
  OnLost,
  OpenCalls,
  Report,
  WhileBusy,
} from './contract/options.ts';
export type {
  Admitted,
  Authorize,
  AuthorizeRequest,
  Participant,
  SessionAction,
} from './contract/participant.ts';
export type { WriterRequest, WritersOptions } from './contract/writers.ts';
export type { AdoptOptions } from './engines/adopt.ts';
export type { AdoptedRun } from './engines/adopted-run.ts';
export type { AttachOptions } from './gateway/attach.ts';
export type { GatewaySocket } from './gateway/socket.ts';
export type { Health, HealthOptions, LogHealth } from './health.ts';
export { createHoldfast, type Holdfast } from './holdfast.ts';
export type { HandleOptions } from './http/handler.ts';
export type { StreamForm } from './http/stream-response.ts';
export type { MessageOf } from './message-of.ts';
export {
  type RemoteAgentOptions,
  type RemoteRequest,
  remoteAgent,
} from './remote/remote-agent.ts';
export { asOperator } from './rights/operator.ts';
export type { Agents } from './runs/agents.ts';
export type {
  HistoryPage,
  PageRequest,
  SessionHandle,
  SessionState,
  StateRequest,
} from './session-handle.ts';
export { viewOf } from './view-of.ts';
