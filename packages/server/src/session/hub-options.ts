import type { SessionFeed, SessionLog } from '@holdfast/log';
import type { PieceStore } from './pieces.ts';
import type { SessionPresence } from './presence.ts';
import type { SkippedEntries } from './skipped.ts';
import type { KeptPrefixes } from './stored-prefix.ts';
import type { ViewLimits } from './view-options.ts';

/** What all hubs of a process share. */
export interface HubContext {
  readonly log: SessionLog;
  readonly limits: ViewLimits;
  readonly skipped: SkippedEntries;
  readonly kept: KeptPrefixes;
  /** Where pieces of long texts are kept. Undefined: they stay in their messages. */
  readonly files: PieceStore | undefined;
}

export interface HubOptions {
  readonly session: string;
  readonly feed: SessionFeed;
  readonly presence: SessionPresence;
  readonly context: HubContext;
}
