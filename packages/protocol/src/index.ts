export { answerOf } from './answers.ts';
export { withResponses } from './approvals.ts';
export {
  type CloseCode,
  closeCodes,
  refusalOf,
  type Verdict,
  verdictOf,
} from './close-codes.ts';
export {
  type Decoded,
  decodeClientFrame,
  decodeServerFrame,
  encodeFrame,
  jsonIn,
} from './decode.ts';
export type {
  AnswerEntry,
  Author,
  CancelEntry,
  Chunk,
  ChunksEntry,
  Entry,
  HandoffEntry,
  Message,
  MessageEntry,
  Outcome,
  Presence,
  QueuedSend,
  QueueEntry,
  RunEndEntry,
  RunInfo,
  RunStartEntry,
  SeedEntry,
  Steer,
  SteerEntry,
  StepEntry,
  TruncateEntry,
  Writer,
  Writers,
} from './entries.ts';
export {
  type ConflictReason,
  type ErrorCode,
  errorCodes,
  HoldfastError,
  type WireError,
} from './errors.ts';
export {
  digestInUrl,
  digestOfUrl,
  filePath,
  fileUrl,
  isDigest,
  isValueReference,
  referencesIn,
  type ValueReference,
} from './files.ts';
export {
  chunksBeyond,
  Fold,
  foldChunks,
  foldOf,
  isTransient,
  joinAdjacent,
  pieceLength,
  replacePiece,
} from './fold.ts';
export {
  type AckFrame,
  type AuthFrame,
  type CancelFrame,
  type CancelState,
  type ClientFrame,
  type ClosedFrame,
  type DrainFrame,
  type EntryFrame,
  type HelloFrame,
  type LiveFrame,
  type ParticipantsFrame,
  type PingFrame,
  type PongFrame,
  type PresenceFrame,
  type ReauthFrame,
  type ResetFrame,
  type ResponseFrame,
  type Segment,
  type ServerFrame,
  type SnapshotFrame,
  type SnapshotItem,
  type SubscribedFrame,
  type SubscribeFrame,
  subprotocol,
  type UnsubscribeFrame,
  version,
  type WelcomeFrame,
} from './frames.ts';
export { isRecord, type JsonFault, parseJson } from './json.ts';
export { type ClientLimits, clientLimits, defaultLimits, type Limits } from './limits.ts';
export { isName } from './names.ts';
export {
  formatPosition,
  isEntryId,
  isSessionId,
  origin,
  type Position,
  parsePosition,
  type ResetReason,
  seqOf,
} from './position.ts';
export {
  type Queueing,
  queueEntry,
  reordered,
  shownInQueue,
  withOrder,
  withoutConsumed,
} from './queue.ts';
export {
  type AnswerResponse,
  type ClaimResponse,
  type HandoffResponse,
  type PageResponse,
  type PostedResponse,
  type QueuedResponse,
  type QueueResponse,
  type SendArguments,
  type SendRequest,
  type SendResponse,
  type ShownTranscript,
  type SnapshotResponse,
  type SteerResponse,
  toDraft,
  toSendRequest,
  type WhileBusy,
} from './send.ts';
export { isSteering, restarted, withConsumed, withOutcome, withSteer } from './steers.ts';
export {
  isSamePiece,
  isTextReference,
  sumOf,
  type TextReference,
  unseenIn,
} from './text-references.ts';
