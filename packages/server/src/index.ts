export {
  type ErrorCode,
  HoldfastError,
  type Limits,
  type RunInfo,
  type Writer,
  type Writers,
} from '@holdfast/protocol';
export type { CloseOptions } from './close.ts';
export type { SignalOptions } from './close-on-signals.ts';
export type { ClientTools, ToolNames } from './commands/client-tools.ts';
export { type AllowOptions, allowMessage } from './commands/send/allow-message.ts';
export type { SessionRun, SessionRunOptions } from './commands/send/session-run.ts';
export type { AdoptedRun, AdoptOptions } from './engines/adopt.ts';
export type { AttachOptions } from './gateway/attach.ts';
export type { GatewaySocket } from './gateway/socket.ts';
export { createHoldfast, type Holdfast } from './holdfast.ts';
export type { HandleOptions } from './http/handler.ts';
export type { MessageOf } from './message-of.ts';
export type {
  AcceptMessage,
  Admitted,
  Agent,
  AgentContext,
  Authorize,
  AuthorizeRequest,
  DecideOnLost,
  DecideWhileBusy,
  HoldfastOptions,
  Hooks,
  MessageEvent,
  OnLost,
  OpenCalls,
  Participant,
  Report,
  SessionAction,
  TruncateEvent,
  WhileBusy,
} from './contract/options.ts';
export { asOperator } from './rights/operator.ts';
export type { AgentResult, AgentStreamOptions } from './runs/agent-stream.ts';
export type { Agents } from './runs/agents.ts';
export { type Dispatch, type Job, jobId } from './contract/job.ts';
export type { PrepareStep, Steering } from './runs/steering.ts';
export type { Step } from './runs/steps.ts';
export type { HistoryPage, PageRequest, SessionHandle, SessionState } from './session-handle.ts';
export { viewOf } from './view-of.ts';
