export { idBehind, idsBehind } from './chain.ts';
export { checked } from './checked.ts';
export type { ClaimCommand, ClaimOutcome } from './contract/claims.ts';
export type { Delivery, Unsubscribe } from './contract/deliveries.ts';
export type { Durability, LogDurability } from './contract/durability.ts';
export type {
  Head,
  LiveRun,
  NewEntry,
  ReadRequest,
  ReadResult,
  StoredEntry,
} from './contract/entries.ts';
export type { FileStore } from './contract/file-store.ts';
export type {
  FileInfo,
  KeepOutcome,
  Mark,
  PieceSource,
  Places,
  PlacesChange,
  PutOutcome,
} from './contract/files.ts';
export type {
  CheckpointCommand,
  CheckpointOutcome,
  FoundItem,
  ItemsRequest,
  ItemsResult,
  NewItem,
  Opened,
  OpenRequest,
  SeedCommand,
  SeedOutcome,
} from './contract/messages.ts';
export type { Reminder, ReminderTopic } from './contract/reminders.ts';
export type {
  AppendCommand,
  AppendOutcome,
  CancelCommand,
  CancelOutcome,
  KnownRun,
  LeaseCommand,
  LeaseOutcome,
  ReapCommand,
  RunState,
  SuspectCommand,
  SuspectOutcome,
} from './contract/runs.ts';
export type {
  KnownCommand,
  SendCommand,
  SendConditions,
  SendOutcome,
  SendRefusal,
} from './contract/sends.ts';
export type { LogLimits, SessionLog } from './contract/session-log.ts';
export { atLeast, checkDurability, durabilityText } from './durability.ts';
export type { FeedListener, Feeds, SessionFeed } from './feed/contract.ts';
export { createFeeds, type FeedsOptions } from './feed/feeds.ts';
export type { Timers } from './feed/timers.ts';
export { type FileStoreOptions, withFileStore } from './file-store/file-store.ts';
export { createMemoryLog, type MemoryLogOptions } from './memory/memory-log.ts';
export { movedTo, movedTop } from './moved.ts';
