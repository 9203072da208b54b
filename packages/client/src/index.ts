export {
  type Author,
  type CancelState,
  type Chunk,
  type ClaimResponse,
  type ConflictReason,
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
export type {
  Addressed,
  Arrangement,
  CallClaim,
  CancelTarget,
  Enqueued,
  Posted,
  SteerMessage,
  SteerOptions,
  SteerOutcome,
} from './contract/commands.ts';
export type {
  Carrier,
  CarrierReason,
  ConnectionReason,
  ConnectionStatus,
  ConnectionTrouble,
  ConnectionView,
  Socket,
  SocketConstructor,
} from './contract/connection.ts';
export type { ChatTransportOptions, OutboxOptions, OutboxStorage } from './contract/options.ts';
export type {
  PendingMessage,
  SessionAct,
  SessionNews,
  SessionView,
  Upload,
} from './contract/session.ts';
export type { HoldfastChatTransport, SessionPage, SessionSnapshot } from './contract/transport.ts';
export type { Environment, PageEvents } from './environment.ts';
export type { Resolvable } from './resolvable.ts';
export { type ChatRegistry, createChatRegistry } from './transport/chat-registry.ts';
export { createChatTransport } from './transport/chat-transport.ts';
