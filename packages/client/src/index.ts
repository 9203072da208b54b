export {
  type Author,
  type CancelState,
  type Chunk,
  type ClaimResponse,
  type ErrorCode,
  HoldfastError,
  type Presence,
  type QueuedSend,
  type RunInfo,
  type Steer,
  type Writer,
  type Writers,
} from '@holdfast/protocol';
export type { Observable } from './changes.ts';
export { type ChatRegistry, createChatRegistry } from './chat-registry.ts';
export type { SteerMessage, SteerOptions, SteerOutcome } from './commands/steer.ts';
export type { CancelTarget } from './connection/cancels.ts';
export type { Socket, SocketConstructor } from './connection/socket.ts';
export type { ConnectionReason, ConnectionTrouble } from './connection/state.ts';
export type { ConnectionStatus, ConnectionView } from './connection/status.ts';
export type { ChatTransportOptions, Resolvable } from './contract/options.ts';
export type {
  CallClaim,
  HoldfastChatTransport,
  PendingMessage,
  SessionAct,
  SessionNews,
  SessionPage,
  SessionSnapshot,
  SessionView,
} from './contract/transport.ts';
export type { Environment, PageEvents } from './environment.ts';
export type { OutboxOptions, OutboxStorage } from './outbox/storage.ts';
export type { Addressed, Arrangement, Enqueued, Posted } from './session/turns.ts';
export { createChatTransport } from './transport/chat-transport.ts';
