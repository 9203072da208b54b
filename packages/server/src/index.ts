export { type ErrorCode, HoldfastError, type Limits } from '@holdfast/protocol';
export type { AttachOptions } from './gateway/attach.ts';
export type { GatewaySocket } from './gateway/socket.ts';
export { createHoldfast, type Holdfast } from './holdfast.ts';
export type { HandleOptions } from './http/handler.ts';
export type {
  Agent,
  AgentContext,
  Authorize,
  AuthorizeRequest,
  HoldfastOptions,
  Participant,
  Report,
} from './options.ts';
export type { AgentResult, AgentStreamOptions } from './run/agent-stream.ts';
