export { idBehind, idsBehind } from './chain.ts';
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
export type {
  AppendCommand,
  AppendOutcome,
  CancelCommand,
  CancelOutcome,
  LeaseCommand,
  LeaseOutcome,
  ReapCommand,
  SuspectCommand,
  SuspectOutcome,
} from './contract/runs.ts';
export type {
  ClaimCommand,
  ClaimOutcome,
  Delivery,
  Head,
  LiveRun,
  LogLimits,
  NewEntry,
  ReadRequest,
  ReadResult,
  Reminder,
  ReminderTopic,
  SendCommand,
  SendOutcome,
  SessionLog,
  StoredEntry,
  Unsubscribe,
} from './contract/session-log.ts';
export type { FeedListener, Feeds, SessionFeed } from './feed/contract.ts';
export { createFeeds, type FeedsOptions } from './feed/feeds.ts';
export type { Timers } from './feed/timers.ts';
export { createMemoryLog, type MemoryLogOptions } from './memory/memory-log.ts';
export { movedTo, movedTop } from './moved.ts';
