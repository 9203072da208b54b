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
} from './options.ts';
export { asOperator } from './rights/operator.ts';
export type { AgentResult, AgentStreamOptions } from './run/agent-stream.ts';
export type { Agents } from './run/agents.ts';
export { type AllowOptions, allowMessage } from './run/allow-message.ts';
export type { ClientTools, ToolNames } from './run/client-tools.ts';
export type { SessionRun, SessionRunOptions } from './run/session-run.ts';
export type { PrepareStep, Steering } from './run/steering.ts';
export type { Step } from './run/steps.ts';
export type { HistoryPage, PageRequest, SessionHandle, SessionState } from './session/handle.ts';
export { viewOf } from './view-of.ts';
export type { AdoptedRun, AdoptOptions } from './work/adopt.ts';
export { type Dispatch, type Job, jobId } from './work/job.ts';
