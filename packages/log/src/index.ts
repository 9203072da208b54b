export { createFeeds, type FeedsOptions } from './feed/feeds.ts';
export type { Timers } from './feed/timers.ts';
export type { FeedListener, Feeds, SessionFeed } from './feed-contract.ts';
export { createMemoryLog, type MemoryLogOptions } from './memory/memory-log.ts';
export type {
  AppendCommand,
  AppendOutcome,
  CancelCommand,
  CancelOutcome,
  Delivery,
  Head,
  LeaseCommand,
  LeaseOutcome,
  LiveRun,
  LogLimits,
  NewEntry,
  ReadRequest,
  ReadResult,
  ReapCommand,
  SendCommand,
  SendOutcome,
  SessionLog,
  StoredEntry,
  Unsubscribe,
} from './session-log.ts';
